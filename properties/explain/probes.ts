/** Generic descents: misreadings that agree on a shrunk instance differ on these. */
import type { Instance } from '../model/instance.ts';

/** All sizes, entries and scales differ; one target is square, and one has rank 1, which a solver may factor. */
export const PROBES: readonly Instance[] = [
  {
    M: [
      [2, 1, -1],
      [1, 3, 0.5],
      [0, 0.5, 1],
    ],
    X0: [
      [1, 0.5],
      [-0.25, 1],
      [0.75, -0.5],
    ],
    Y0: [
      [0.5, -1],
      [1, 0.25],
      [-0.75, 0.625],
    ],
    ...{ eta: 1 / 64, sigma1: 1 / 2, sigma2: 1 / 4, steps: 8, seed: 1 },
  },
  {
    M: [
      [1, -2],
      [0.5, 1],
      [3, 1],
      [-1, 0.25],
    ],
    X0: [
      [1, -0.5],
      [0.25, 0.75],
      [-1, 1],
      [0.5, 0.625],
    ],
    Y0: [
      [0.75, 1],
      [-0.5, 0.25],
    ],
    ...{ eta: 1 / 128, sigma1: 1 / 8, sigma2: 3 / 8, steps: 8, seed: 2 },
  },
  {
    M: [
      [2, -1, 3, 1],
      [1, -0.5, 1.5, 0.5],
      [-2, 1, -3, -1],
    ],
    X0: [[0.5], [-0.75], [1]],
    Y0: [[1], [0.25], [-0.5], [0.75]],
    ...{ eta: 1 / 32, sigma1: 3 / 8, sigma2: 1 / 2, steps: 8, seed: 3 },
  },
];

/** A descent on the target of an instance from a generic start: a solver may be wrong for its shape and its target alone. */
export function nearby<I extends Instance>(refuted: I): I {
  const { M, X0, eta } = refuted;
  const [rows, columns, rank] = [M.length, M[0]!.length, X0[0]!.length];
  // Then eta (Y'Y + X'X) is at most 1/8, so that the steps are stable.
  const size = Math.sqrt(1 / (16 * eta * rank * Math.max(rows, columns)));
  const factor = (dimension: number, shift: number): number[][] =>
    Array.from({ length: dimension }, (_, i) =>
      Array.from({ length: rank }, (_, k) => (size * (((7 * i + 4 * k + shift) % 13) - 6.5)) / 6.5),
    );
  return { ...refuted, X0: factor(rows, 3), Y0: factor(columns, 5), sigma1: size / 2, sigma2: size / 4, seed: 4 };
}
