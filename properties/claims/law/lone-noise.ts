/** A run under noise on one factor alone: each step is linear in the noise, so the numbers that were drawn can be read off. */
import type { Matrix } from 'ml-matrix';
import { LARGE } from '../../generate/design.ts';
import type { Design } from '../../model/draft.ts';
import { shortRun, targetGrids, targetPicks } from '../../instances/designs.ts';
import { lengthOf, pick, sometimesLong } from '../../instances/lengths.ts';
import { iterate, matrix, optionsOf, startOf, type Grid, type Instance } from '../../model/instance.ts';
import { flatten, gramInto } from './flat.ts';
import { cholesky, solveLower, solveUpper } from './cholesky.ts';
import type { Sample } from './white-samples.ts';
import { descentCurvature, powerOfTwoAtMost } from '../../oracles/scales.ts';
import { gradient, type Factors, type NoiseSource, type Solver } from '../../../src/index.ts';
import { isLarge } from '../../../src/theory/objective.ts';

/**
 * `earlier` steps in one call, then `runs` descents of `steps` steps, each from the end of the one before; or, if
 * `steps` is 1, all from the start.
 */
export type Repeated = Instance & { earlier: number; runs: number };

/**
 * `factor`: which one the noise is on, of a size of its own. `runs`: 0 for steps from the start alone, which may be of any size. The other one has full rank, far from losing it: 2 on the diagonal
 * and entries of at most 1/8 elsewhere, whose norm is below 8/5 up to 20 x 8, in units of `other`.
 */
export const loneNoise: Design<Repeated> = {
  size: { d1: [1, 6], d2: [1, 6] },
  large: LARGE,
  grids: {
    ...targetGrids,
    X0: { shape: ['d1', 'r'], unit: 1 / 16, max: 1 / 8 },
    Y0: { shape: ['d2', 'r'], unit: 1 / 16, max: 1 / 8 },
  },
  picks: {
    ...targetPicks,
    factor: [1, 2],
    sigma: [1 / 4, 1 / 8, 1 / 2],
    own: [1, 1 / 8, 4, 16],
    other: [1, 1 / 4, 2],
    earlier: sometimesLong(2),
    runs: [1, 1, 1, 1, 1, 16, 0],
    fast: [1, 1 / 64, 1024],
  },
  between: ['earlier'],
  complete(draft) {
    const { factor, sigma, own, other, runs } = draft.picks as Record<
      'factor' | 'sigma' | 'own' | 'other' | 'runs',
      number
    >;
    const onX = factor === 1;
    const picks = { ...draft.picks, sigma1: onX ? sigma : 0, sigma2: onX ? 0 : sigma };
    const X0 = scaled(raised(draft.grids['X0']!), onX ? own : other);
    const Y0 = scaled(raised(draft.grids['Y0']!), onX ? other : own);
    const run = shortRun({ ...draft, picks, grids: { ...draft.grids, X0, Y0 } });
    const [earlier, taken] = [lengthOf(draft, 'earlier'), stepsFor(onX ? X0 : Y0)];
    // Solvers may look at a large target for long before they begin: they do it once.
    const isOften = !isLarge(matrix(run.M));
    if (runs === 0 && isOften) return { ...run, eta: pick(draft, 'fast') * run.eta, earlier: 0, runs: taken, steps: 1 };
    if (!isOften) return { ...run, eta: slowEnough(run, earlier + taken), earlier, runs: 1, steps: taken };
    return { ...run, eta: slowEnough(run, earlier + taken), earlier, runs, steps: taken / runs };
  },
};

/** Enough for some 40 000 numbers if a step has 50 or more; between 256 and 768. */
const stepsFor = (factor: Grid): number =>
  256 * Math.max(1, Math.min(3, Math.round(160 / (factor.length * factor[0]!.length))));

/** In the whole run the other factor loses no more than a factor of e^-4 in any direction: its rate is the curvature at most. */
function slowEnough({ M, X0, Y0, eta, sigma1, sigma2 }: Instance, steps: number): number {
  const noise = X0[0]!.length * (X0.length * sigma1 ** 2 + Y0.length * sigma2 ** 2);
  return Math.min(eta, powerOfTwoAtMost(4 / (steps * (descentCurvature(matrix(M), startOf({ X0, Y0 })) + noise))));
}

const scaled = (grid: Grid, factor: number): Grid => grid.map((row) => row.map((entry) => factor * entry));

/** 2 on the diagonal. */
const raised = (grid: Grid): Grid => grid.map((row, i) => row.map((entry, j) => entry + (i === j ? 2 : 0)));

/**
 * The standard normals that the solver must have drawn, a row for each step. X+ = E X+ - eta xi1 Y'Y, and the same with the
 * factors exchanged.
 */
export function drawnNormals(solver: Solver, instance: Repeated, source: NoiseSource): Sample {
  const { earlier, runs, steps } = instance;
  const [options, reader] = [optionsOf(instance, source), new Reader(instance)];
  const sample = { rows: runs * steps, columns: reader.size, entries: new Float64Array(runs * steps * reader.size) };
  let start = options.start;
  for (let run = 0, at = 0; run < runs; run++) {
    const descent = solver({ ...options, start });
    if (run === 0 && earlier > 0) descent.advance(earlier);
    reader.see(descent);
    for (let t = 0; t < steps; t++, at += reader.size) {
      descent.advance(1);
      reader.see(descent, sample.entries.subarray(at, at + reader.size));
    }
    if (steps > 1) start = iterate(descent);
  }
  return sample;
}

/** Reads the numbers that were drawn off two successive iterates. */
class Reader {
  readonly size: number;
  readonly #onX: boolean;
  readonly #rank: number;
  /** The target, if it is so large that its gradient is computed from thin factors. */
  readonly #large: Matrix | undefined;
  /** The target, with a row for each row of the factor that the noise is on. */
  readonly #M: Float64Array;
  readonly #eta: number;
  readonly #sigma: number;
  readonly #own: Float64Array;
  readonly #other: Float64Array;
  readonly #gram: Float64Array;
  readonly #mean: Float64Array;
  readonly #factor: Float64Array;

  constructor({ M, X0, Y0, eta, sigma1, sigma2 }: Instance) {
    this.#onX = sigma1 > 0;
    this.#rank = X0[0]!.length;
    const [own, other] = this.#onX ? [X0, Y0] : [Y0, X0];
    this.size = own.length * this.#rank;
    this.#large = isLarge(matrix(M)) ? matrix(M) : undefined;
    this.#M = flatten(this.#onX ? matrix(M) : matrix(M).transpose());
    [this.#eta, this.#sigma] = [eta, Math.max(sigma1, sigma2)];
    [this.#own, this.#other] = [new Float64Array(this.size), new Float64Array(other.length * this.#rank)];
    [this.#gram, this.#mean] = [new Float64Array(this.#rank ** 2), new Float64Array(this.size)];
    this.#factor = new Float64Array(this.#rank ** 2);
  }

  /** Writes the numbers of the step from the iterate that it saw before to this one, and works out the mean of the next. */
  see({ X, Y }: Factors, into?: Float64Array): void {
    flatten(this.#onX ? X : Y, this.#own);
    if (into !== undefined) this.#read(into);
    flatten(this.#onX ? Y : X, this.#other);
    this.#expect(this.#large && gradient(this.#large, { X, Y }));
  }

  /** X - eta (X Y'Y - M Y), and the Cholesky factor of Y'Y. */
  #expect(slopes?: Factors): void {
    const [r, G, own, other, M, mean] = [this.#rank, this.#gram, this.#own, this.#other, this.#M, this.#mean];
    gramInto(G, other, r);
    cholesky(G, r, this.#factor);
    if (slopes !== undefined) {
      flatten(this.#onX ? slopes.X : slopes.Y, this.#mean);
      for (let i = 0; i < this.size; i++) this.#mean[i] = own[i]! - this.#eta * this.#mean[i]!;
      return;
    }
    const columns = other.length / r;
    for (let i = 0; i < this.size / r; i++) {
      for (let k = 0; k < r; k++) {
        let slope = 0;
        for (let l = 0; l < r; l++) slope += own[i * r + l]! * G[l * r + k]!;
        for (let j = 0; j < columns; j++) slope -= M[i * columns + j]! * other[j * r + k]!;
        mean[i * r + k] = own[i * r + k]! - this.#eta * slope;
      }
    }
  }

  #read(into: Float64Array): void {
    const r = this.#rank;
    for (let i = 0; i < into.length; i++) into[i] = (this.#mean[i]! - this.#own[i]!) / (this.#eta * this.#sigma);
    for (let i = 0; i < into.length; i += r) {
      const row = into.subarray(i, i + r);
      solveLower(this.#factor, r, row);
      solveUpper(this.#factor, r, row);
    }
  }
}
