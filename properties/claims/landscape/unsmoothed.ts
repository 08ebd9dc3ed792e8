/** The saddles of the loss itself, without smoothing. */
import { Matrix } from 'ml-matrix';
import { atLeast, equal, worst, type Claim } from '../../model/claim.ts';
import { dropping } from '../../generate/dropping.ts';
import { design } from '../../generate/design.ts';
import type { Design, Draft } from '../../model/draft.ts';
import { targetOf } from '../../instances/designs.ts';
import { stacked } from '../../oracles/formula.ts';
import { matrix, startOf, type Instance } from '../../model/instance.ts';
import { spectrumOf } from '../../oracles/hessians.ts';
import { longGrids, nonzero } from '../../instances/trajectories.ts';
import { gradient, hessian, singularValues, squaredNorm } from '../../../src/index.ts';

const ours = { needs: 'theory', source: 'our proof', proof: 'saddles', items: ['3.3'] } as const;

/** Saddles (0, y) of the loss, with M y = 0 and |y|^2 at least 4 s_1. */
const kernels: Design<Instance> = {
  size: { d1: [1, 5], d2: [2, 5], r: [1, 1] },
  grids: { A: longGrids.A, B: longGrids.B, y: { shape: ['d2', 'one'], unit: 1, max: 2 } },
  picks: { far: [4, 16, 256] },
  accepts: (draft) => draft.grids['y']!.flat().some((entry) => entry !== 0) && nonzero(cleared(draft)),
  complete: (draft) => farOut(cleared(draft)),
  excludes: () => 'it makes its own target, with a kernel on the lattice',
};

/** The draft with the columns of B made orthogonal to y, times |y|^2. */
function cleared(draft: Draft): Draft {
  const [B, y] = [matrix(draft.grids['B']!), matrix(draft.grids['y']!)];
  const orthogonal = Matrix.mul(B, y.dot(y)).sub(y.mmul(y.transpose().mmul(B)));
  return { ...draft, grids: { ...draft.grids, B: orthogonal.to2DArray() } };
}

function farOut(draft: Draft): Instance {
  const [M, y] = [targetOf(draft), matrix(draft.grids['y']!)];
  const least = draft.picks['far']! * singularValues(matrix(M))[0]!;
  while (squaredNorm(y) < least) y.mul(2);
  return {
    M,
    X0: M.map(() => [0]),
    Y0: y.to2DArray(),
    eta: 1,
    sigma1: 0,
    sigma2: 0,
    steps: 0,
    seed: draft.seed,
  };
}

export const unsmoothedSaddles: Claim = {
  id: 'landscape/unsmoothed-saddles',
  statement:
    'The saddles of the loss itself are not uniformly strict: at (0, t w), with w in the kernel of the target, the least eigenvalue tends to 0 like -s_1^2 / t^2.',
  formula: String.raw`Mw = 0,\ \|w\| = 1 \;\Rightarrow\; \nabla F(0, tw) = 0,\quad \lambda_{\min}(\nabla^2F) = \tfrac12\big(t^2 - \sqrt{t^4 + 4s_1^2}\big) \ge -\frac{s_1^2}{t^2}`,
  kind: 'identity',
  ...ours,
  hypotheses: [dropping('M w = 0', { ...kernels, complete: farOut })],
  bound: 'equality',
  instances: design(kernels),
  check(_, instance) {
    const [target, point] = [matrix(instance.M), startOf(instance)];
    const [s, square] = [singularValues(target)[0]!, squaredNorm(point.Y)];
    const { least, rounding } = spectrumOf(hessian(target, point));
    const doubled = spectrumOf(hessian(target, { X: point.X, Y: Matrix.mul(point.Y, 2) }));
    const slope = stacked(gradient(target, point));
    // log2 of the quotient of the closed form at t and at 2 t is 2 up to (s_1 / t^2)^2 / log 2.
    const bend = (s / square) ** 2 / Math.LN2;
    const relative = (rounding + doubled.rounding) / Math.abs(doubled.least);
    return worst([
      equal('grad F', slope, Matrix.zeros(slope.rows, 1), 0),
      equal('least eigenvalue', least, (-2 * s * s) / (square + Math.hypot(square, 2 * s)), rounding),
      atLeast('least eigenvalue', least, (-s * s) / square, rounding),
      equal('slope in t', Math.log2(doubled.least / least), -2, bend + 2 * relative),
    ]);
  },
};
