/** The distance from balance of a minimum with a small condition number. */
import { inverse, Matrix } from 'ml-matrix';
import { atMost, claim, type Comparison } from '../../model/claim.ts';
import { dropping } from '../../generate/dropping.ts';
import { changed, design } from '../../generate/design.ts';
import type { Design } from '../../model/draft.ts';
import { curvatureAt } from '../../oracles/hessians.ts';
import { squaredSize } from '../../oracles/scales.ts';
import { u } from '../../oracles/rounding.ts';
import { matrix, startOf, type Grid, type Instance } from '../../model/instance.ts';
import { imbalance, norm, singularValues } from '../../../src/index.ts';
import { minimaOfFullRank, minimumAt, ofFullRank, topTriples, type Shapes } from './minima.ts';

/** Lower triangular and invertible, not far from the identity. */
const nearIdentity = (grid: Grid): Matrix =>
  matrix(grid.map((row, i) => row.map((entry, j) => (j < i ? entry : j === i ? 1 + entry : 0))));

/** Stretches the first triple alone: to leading order the bound is then attained if the other singular values are smaller. */
const firstAlone = (r: number, off: number): Matrix => Matrix.eye(r).set(0, 0, 1 + off / 8);

/** X = U S^(1/2) A, Y = V S^(1/2) A'^(-1) with `many` singular values s_1 = top and the others 1, or one of 2 between them. */
function minimaOf(shapes: Shapes, between = false): Design<Instance> {
  const base = minimaOfFullRank(shapes);
  return {
    ...base,
    size: { d1: [3, 6], d2: [3, 6], r: between ? [3, 3] : [1, 3] },
    grids: { ...base.grids, A: { shape: ['r', 'r'], unit: 1 / 8, max: 1 / 4 } },
    picks: { ...base.picks, top: [4, 2, 8], many: [1, 2, 3], off: [1, 1 / 16, 0], alone: [0, 1] },
    complete(draft) {
      const { picks, size, grids, seed } = draft;
      const { top, many, off, alone } = picks as Record<'top' | 'many' | 'off' | 'alone', number>;
      const { U, V } = topTriples(matrix(base.complete(draft).M), size.r);
      const s = Array.from({ length: size.r }, (_, i) => (i < many ? top : 1));
      const A = between
        ? Matrix.diag([1, 9 / 8, 1])
        : alone === 1
          ? firstAlone(size.r, off)
          : nearIdentity(matrix(grids['A']!).mul(off).to2DArray());
      const roots = (between ? [top, 2, 1] : s).map(Math.sqrt);
      const [X, Y] = [U.mulRowVector(roots), V.mulRowVector(roots)];
      return minimumAt({ X: X.mmul(A), Y: Y.mmul(inverse(A).transpose()) }, seed);
    },
  };
}

/** The bound on |D|^2 for a condition number of 1 + epsilon times the least. */
function boundOn(epsilon: number, s: readonly number[]): number {
  const [s1, sr] = [s[0]!, s.at(-1)!];
  const large = s.filter((value) => value > (s1 + sr) / 2).length || s.length;
  const n = 2 * (s.length - large);
  const others = n === 0 ? 0 : (1 + epsilon) ** (n - 1) + (n - 1) / (1 + epsilon) - n;
  return 8 * (1 + epsilon) * s1 * (large * epsilon * s1 + (others * sr) / 2);
}

/** |D|^2 against its bound. */
function nearBalance(instance: Instance): Comparison {
  const { largest, smallestNonzero, rounding, at } = curvatureAt(instance);
  const s = singularValues(matrix(instance.M)).slice(0, at.X.columns);
  const [s1, sr] = [s[0]!, s.at(-1)!];
  const epsilon = Math.max(0, (largest * sr) / (2 * s1 * smallestNonzero) - 1);
  // The eigenvalues are off by `rounding`, and singular values that are equal by as much.
  const off = 4 * (1 + epsilon) * rounding * (1 / smallestNonzero + 1 / s1);
  const D = norm(imbalance(startOf(instance)));
  const ofD = (instance.M.length + instance.M[0]!.length + 8) * u * squaredSize(at);
  const [bound, within] = [boundOn(epsilon, s), boundOn(epsilon + off, s)];
  return atMost('|D|^2', D * D, bound, within - bound + 2 * D * ofD + ofD * ofD, { epsilon, s1, sr });
}

const tall = minimaOf(['tall', 'tall']);

/** Half way to the target, r = 1: the eigenvalues of the Hessian are |X|^2 and |Y|^2, 25/16 times as large. */
function halfWay(instance: Instance): Instance {
  const at = { X: matrix(instance.X0), Y: matrix(instance.Y0) };
  const even = Math.sqrt(norm(at.X) / norm(at.Y));
  const uneven = minimumAt({ X: at.X.mul(5 / 4 / even), Y: at.Y.mul(even) }, instance.seed);
  return { ...uneven, M: matrix(uneven.M).mul(2).to2DArray() };
}

export const conditionUnique = claim({
  id: 'flatness/condition-unique',
  statement:
    'If no singular value lies strictly between s_1 and s_r, only balanced minima have the least condition number, and the imbalance of another minimum is bounded by the excess of its condition number.',
  formula: String.raw`s_1 = \dots = s_m > s_{m+1} = \dots = s_r,\ \kappa = (1 + \epsilon)\frac{2s_1}{s_r},\ n = 2(r - m):\quad \|D\|^2 \le 8(1 + \epsilon)s_1\left\{m\epsilon s_1 + \frac{s_r}2\left[(1 + \epsilon)^{n-1} + \frac{n - 1}{1 + \epsilon} - n\right]\right\}`,
  kind: 'inequality',
  needs: 'theory',
  hypotheses: [
    dropping("X Y' = M", changed({ ...tall, size: { ...tall.size, r: [1, 1] } }, halfWay)),
    ofFullRank(tall),
    dropping('d1, d2 > r', { ...minimaOf(['square', 'square']), size: { d1: [3, 4], d2: [3, 4], r: [2, 3] } }),
    dropping('no singular value strictly between s_1 and s_r', minimaOf(['tall', 'tall'], true)),
  ],
  bound: 'valid',
  proof: 'flatness',
  items: ['6.2'],
  instances: design(tall),
  check: (_, instance) => nearBalance(instance),
});
