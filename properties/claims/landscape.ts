/** All stationary points of the smoothed objective, and the curvature at those that are not minimal. */
import { Matrix } from 'ml-matrix';
import { atLeast, atMost, equal, worst, type Claim, type Evidence } from '../claim.ts';
import { design, type Design, type Draft } from '../design.ts';
import { shortRun, shortRuns, targetOf } from '../instances/designs.ts';
import { stacked } from '../oracles/formula.ts';
import { matrix, startOf, type Grid, type Instance } from '../instance.ts';
import { spectrumOf, tooDense } from '../oracles/hessians.ts';
import { stationaryNear } from '../oracles/newton.ts';
import { u } from '../oracles/rounding.ts';
import {
  anySet,
  leavingSome,
  lowerEigenvalue,
  minimal,
  noiseOf,
  notMinimal,
  oneKept,
  severalTriples,
  slopeRounding,
  stationaryPoints,
  viewOf,
  withCollapse,
  type Stationary,
  type View,
} from '../instances/stationary.ts';
import { longGrids, nonzero } from '../instances/trajectories.ts';
import {
  gradient,
  gram,
  hessian,
  penalties,
  product,
  singularValues,
  smoothedGradient,
  smoothedHessian,
  smoothedLoss,
  squaredNorm,
  type Factors,
} from '../../src/index.ts';

const ours = { needs: 'theory', source: 'our proof', proof: 'saddles', items: ['3.3'] } as const;

/** The gradient, which is 0 up to its own rounding and that of the singular triples, a modest multiple of it. */
function stationarity(target: Matrix, at: Factors, noise: Instance): Evidence {
  const slope = stacked(smoothedGradient(target, at, noise));
  const scale = slopeRounding(target, at, noise);
  return equal('grad F~', slope, Matrix.zeros(slope.rows, slope.columns), 8 * scale);
}

export const catalogue: Claim<Stationary> = {
  id: 'landscape/catalogue',
  statement:
    'Keeping at most r of the singular triples above lambda, each lowered by lambda and shared out by gamma, gives a stationary point of the smoothed objective.',
  formula: String.raw`X = \sqrt\gamma\,U_A(S_A - \lambda)^{1/2}Q,\ Y = \gamma^{-1/2}V_A(S_A - \lambda)^{1/2}Q \;\Rightarrow\; \nabla\tilde F(X, Y) = 0`,
  kind: 'identity',
  ...ours,
  proof: 'minimisers',
  hypotheses: [
    {
      text: 's_i > lambda for every triple that is kept',
      without: {
        instances: design({
          ...stationaryPoints(anySet),
          picks: { ...stationaryPoints(anySet).picks, share: [2, 4], which: [0] },
        }),
        check(_, instance) {
          const { target, gamma, lambda, U, s, V } = viewOf(instance);
          const size = Math.sqrt(Math.abs(s[0]! - lambda));
          const q = matrix(instance.Q).getRowVector(0);
          const X = U.getColumnVector(0)
            .mmul(q)
            .mul(size * Math.sqrt(gamma));
          const Y = V.getColumnVector(0)
            .mmul(q)
            .mul(size / Math.sqrt(gamma));
          return stationarity(target, { X, Y }, instance);
        },
      },
    },
  ],
  bound: 'equality',
  instances: design(stationaryPoints(anySet)),
  check: (_, instance) => stationarity(matrix(instance.M), startOf(instance), instance),
};

/** Starts from which stationary points are searched for, of about the size of the minimiser and more. */
const searches: Design<Instance> = {
  size: { d1: [1, 4], d2: [1, 4], r: [1, 2] },
  grids: { ...longGrids },
  picks: { share: [1 / 8, 1 / 32, 1 / 2, 1], balance: [1, 2, 1 / 2] },
  accepts: nonzero,
  complete: (draft) => ({ ...shortRun(draft), ...noiseOf(draft), steps: 0 }),
  excludes: (given) =>
    given.target.flat().every((entry) => entry === 0) ? 'its noise is scaled by s_1 > 0' : tooDense(given),
};

/** For each t the nearest s_i - lambda that is not taken yet, or 0 where t is as near to it as counts. */
function nearestTriples(found: readonly number[], lowered: readonly number[], near: number): number[] {
  const free = [...lowered];
  return found.map((t) => {
    if (t <= near) return 0;
    const distances = free.map((value) => Math.abs(value - t));
    return free.splice(distances.indexOf(Math.min(...distances)), 1)[0]!;
  });
}

/** A point, and a bound on its gradient with the rounding of its evaluation. */
interface Found {
  readonly point: Factors;
  readonly slope: number;
}

/** How a point with a gradient of this size compares with the catalogue; tolerances as in docs/theory.md#saddles. */
function inCatalogue(target: Matrix, { point, slope }: Found, noise: Instance): Evidence {
  const { alpha, beta, gamma, lambda } = penalties(target, noise);
  const [r, s] = [point.X.columns, singularValues(target)];
  const W = Math.sqrt(squaredNorm(point.X) / gamma + squaredNorm(point.Y) * gamma);
  const epsilon = Math.sqrt(Math.max(gamma, 1 / gamma)) * slope;
  const imbalance = (W * epsilon) / lambda;
  const near = (epsilon * (1 + W ** 2 / (2 * lambda))) ** (2 / 3) + imbalance / 2;
  const rounding = 8 * (target.rows + target.columns) * u * (W * W + target.norm() + lambda);
  const found = spectrumOf(gram(point.X).mul(1 / gamma)).values;
  const expected = nearestTriples(
    found,
    s.map((value) => value - lambda),
    near,
  );
  const Z = product(point);
  const [left, right] = [Z.mmul(target.transpose()), target.transpose().mmul(Z)];
  const skew = 2 * W * epsilon + rounding * target.norm();
  const value = smoothedLoss(target, point, noise) - (r * alpha * beta) / 2;
  const kept = found.reduce((sum, t) => sum + t * t, 0);
  const spent = W * epsilon + imbalance * (r * lambda + W * W) + rounding * (W * W + target.norm() + lambda);
  return worst([
    // The factor 2 is for triples so close to each other that the nearest is not the right one.
    ...found.map((t, c) => equal(`eigenvalue ${c + 1} of X'X / gamma`, t, expected[c]!, 2 * near + rounding)),
    equal("X Y'M', which is symmetric", left, left.transpose(), skew),
    equal("M'X Y', which is symmetric", right, right.transpose(), skew),
    equal('F~ less its constant', value, (squaredNorm(target) - kept) / 2, spent),
  ]);
}

export const complete: Claim = {
  id: 'landscape/complete',
  statement:
    'Every stationary point of the smoothed objective that a search finds keeps singular triples above lambda, each lowered by lambda, and nothing else.',
  formula: String.raw`\nabla\tilde F(X, Y) = 0 \;\Rightarrow\; \mathrm{spec}\,X'X/\gamma \setminus 0 = \{s_i - \lambda : i \in A\},\ XY' = U_A(S_A - \lambda)V_A'`,
  kind: 'identity',
  ...ours,
  proof: 'minimisers',
  hypotheses: [
    {
      text: 'grad F~ = 0',
      without: {
        check(_, instance) {
          const [target, point] = [matrix(instance.M), startOf(instance)];
          return inCatalogue(target, { point, slope: slopeRounding(target, point, instance) }, instance);
        },
      },
    },
  ],
  bound: 'equality',
  instances: design(searches),
  check(_, instance) {
    const target = matrix(instance.M);
    const point = stationaryNear(target, startOf(instance), instance);
    const left = stacked(smoothedGradient(target, point, instance)).norm();
    return inCatalogue(target, { point, slope: left + slopeRounding(target, point, instance) }, instance);
  },
};

/** The columns (u_i q', 0) and (0, v_i q'), in the layout of the Hessian. */
function plane({ U, V }: View, i: number, q: Matrix): Matrix {
  const along = (dX: Matrix, dY: Matrix): number[] => stacked({ X: dX.mmul(q), Y: dY.mmul(q) }).to1DArray();
  const [left, right] = [U.getColumnVector(i), V.getColumnVector(i)];
  const [noX, noY] = [Matrix.zeros(U.rows, 1), Matrix.zeros(V.rows, 1)];
  return new Matrix([along(left, noY), along(noX, right)]).transpose();
}

const hessianAt = ({ target, point }: View, noise: Instance): Matrix => smoothedHessian(target, point, noise);

/** Of products with H, whose entries come from singular vectors: a modest multiple of n u |H|, as for eigenvalues. */
const productRounding = (H: Matrix): number => 8 * H.rows * u * H.norm();

/** The Hessian on the plane of triple i and direction q against the block that a column of this level has there. */
function block(view: View, H: Matrix, i: number, q: Matrix, mu: number): Evidence {
  const P = plane(view, i, q);
  const [s, gamma] = [view.s[i]!, view.gamma];
  const expected = P.mmul(
    new Matrix([
      [mu / gamma, -s],
      [-s, mu * gamma],
    ]),
  );
  return equal(`H on the plane of triple ${i + 1}`, H.mmul(P), expected, productRounding(H), { s_i: s, mu });
}

/** Every triple of the list with every column. */
function blocks(instance: Stationary, triples: (view: View) => readonly number[]): Evidence {
  const view = viewOf(instance);
  const H = hessianAt(view, instance);
  const Q = matrix(instance.Q);
  return worst(
    triples(view).flatMap((i) => view.levels.map((mu, column) => block(view, H, i, Q.getRowVector(column), mu))),
  );
}

export const invariantPlane: Claim<Stationary> = {
  id: 'landscape/invariant-plane',
  statement:
    'At a stationary point the plane of a triple that is left out and a column of the factors is invariant under the Hessian, which has a block of closed form there.',
  formula: String.raw`\nabla^2\tilde F\big|_{(u_iq',\,0),\,(0,\,v_iq')} = \begin{pmatrix}\mu/\gamma & -s_i\\ -s_i & \mu\gamma\end{pmatrix}`,
  kind: 'identity',
  ...ours,
  hypotheses: [
    {
      text: 'triple i is left out',
      without: {
        instances: design(stationaryPoints(minimal)),
        check: (_, instance) => blocks(instance, () => instance.kept),
      },
    },
    {
      text: 'q is the direction of one column',
      without: {
        // Halfway between a column that keeps a triple and a free one.
        instances: design({ ...stationaryPoints(oneKept), size: { ...severalTriples, r: [2, 3] } }),
        check(_, instance) {
          const view = viewOf(instance);
          const Q = matrix(instance.Q);
          const q = Matrix.add(Q.getRowVector(0), Q.getRowVector(1)).mul(Math.SQRT1_2);
          const H = hessianAt(view, instance);
          return worst(view.levels.slice(0, 2).map((mu) => block(view, H, view.left[0]!, q, mu)));
        },
      },
    },
  ],
  bound: 'equality',
  instances: design(stationaryPoints(leavingSome)),
  check: (_, instance) => blocks(instance, ({ left }) => left),
};

/** The column that a triple comes in by most easily: a free one, or else that of the weakest triple kept. */
const weakestColumn = ({ levels }: View): number => levels.indexOf(Math.min(...levels));

export const strictSaddles: Claim<Stationary> = {
  id: 'landscape/strict-saddles',
  statement:
    'At a stationary point that is not minimal the strongest triple left out can be brought in along a direction of negative curvature, of closed form.',
  formula: String.raw`\frac{\langle d, \nabla^2\tilde F\,d\rangle}{\|d\|^2} = -\frac{2(s_i - \mu)}{\gamma + 1/\gamma} < 0,\quad d = (\sqrt\gamma\,u_iq',\ \gamma^{-1/2}v_iq')`,
  kind: 'identity',
  ...ours,
  hypotheses: [
    {
      text: 'the point is not a minimiser',
      without: { instances: design({ ...stationaryPoints(minimal), size: { ...severalTriples, r: [1, 1] } }) },
    },
  ],
  bound: 'equality',
  instances: design(stationaryPoints(notMinimal)),
  check(_, instance) {
    const view = viewOf(instance);
    const { gamma, left, levels, s } = view;
    const [H, column, i] = [hessianAt(view, instance), weakestColumn(view), left[0]!];
    const P = plane(view, i, matrix(instance.Q).getRowVector(column));
    const d = P.mmul(Matrix.columnVector([Math.sqrt(gamma), 1 / Math.sqrt(gamma)]));
    const curvature = d.dot(H.mmul(d)) / d.dot(d);
    const expected = (-2 * (s[i]! - levels[column]!)) / (gamma + 1 / gamma);
    return worst([
      equal('the curvature along d', curvature, expected, productRounding(H)),
      atMost('the curvature along d', curvature, 0, 0),
    ]);
  },
};

function leastOf(H: Matrix): { least: number; rounding: number } {
  const { values, rounding } = spectrumOf(H);
  return { least: values.at(-1)!, rounding };
}

/** One triple is kept, another above lambda is not. */
const keepingOne = stationaryPoints((kept, spectrum) => oneKept(kept, spectrum) && notMinimal(kept, spectrum));

/** The Hessian's least eigenvalue against that of the plane of a triple left out and a level. */
function leastIs(instance: Stationary, choose: (view: View) => { i: number; mu: number }): Evidence {
  const view = viewOf(instance);
  const { i, mu } = choose(view);
  const s = view.s[i]!;
  const { least, rounding } = leastOf(hessianAt(view, instance));
  return equal('least eigenvalue', least, lowerEigenvalue(s, mu, view.gamma), rounding, { s_i: s, mu });
}

const strongestAndWeakest = ({ left, levels }: View): { i: number; mu: number } => ({
  i: left[0]!,
  mu: Math.min(...levels),
});

export const leastEigenvalue: Claim<Stationary> = {
  id: 'landscape/least-eigenvalue',
  statement:
    'At a stationary point that is not minimal the least eigenvalue of the Hessian belongs to the strongest triple left out and the weakest level available, in closed form.',
  formula: String.raw`\lambda_{\min} = \tfrac12\Big(\mu(\gamma + \tfrac1\gamma) - \sqrt{\mu^2(\gamma - \tfrac1\gamma)^2 + 4s_i^2}\Big)`,
  kind: 'identity',
  ...ours,
  hypotheses: [
    {
      text: 'the point is not a minimiser',
      without: { instances: design({ ...stationaryPoints(minimal), size: { ...severalTriples, r: [1, 1] } }) },
    },
    {
      text: 'i is the strongest triple left out',
      without: {
        instances: design({ ...stationaryPoints(notMinimal), size: severalTriples }),
        check: (_, instance) => leastIs(instance, (view) => ({ ...strongestAndWeakest(view), i: view.left.at(-1)! })),
      },
    },
    {
      text: 'mu is the weakest level available: lambda if a column is free, else the weakest s_j kept',
      without: {
        instances: design({
          ...keepingOne,
          size: { d1: [3, 5], d2: [3, 5], r: [2, 3], k: [3, 4] },
          picks: { ...keepingOne.picks, share: [1 / 32] },
        }),
        check: (_, instance) =>
          leastIs(instance, (view) => ({ ...strongestAndWeakest(view), mu: Math.max(...view.levels) })),
      },
    },
  ],
  bound: 'equality',
  instances: design(stationaryPoints(notMinimal)),
  check: (_, instance) => leastIs(instance, strongestAndWeakest),
};

const leastAt = (instance: Stationary): { least: number; rounding: number } =>
  leastOf(hessianAt(viewOf(instance), instance));

export const secondOrder: Claim<Stationary> = {
  id: 'landscape/second-order',
  statement:
    'At its minimisers, and at no other stationary point, the Hessian of the smoothed objective is positive semidefinite.',
  formula: String.raw`\lambda_{\min}(\nabla^2\tilde F) \ge 0 \text{ at the minimisers}`,
  kind: 'inequality',
  ...ours,
  hypotheses: [{ text: 'the point is a minimiser', without: { instances: design(stationaryPoints(notMinimal)) } }],
  bound: {
    tight: 'where r >= 2 and some triple is kept: turning the factors costs nothing',
    on: {
      instances: design({ ...stationaryPoints(minimal), size: { ...severalTriples, r: [2, 3] } }),
      check(_, instance) {
        const { least, rounding } = leastAt(instance);
        return equal('least eigenvalue', least, 0, rounding);
      },
    },
  },
  instances: design(withCollapse(minimal)),
  check(_, instance) {
    const { least, rounding } = leastAt(instance);
    return atLeast('least eigenvalue', least, 0, rounding);
  },
};

/** The negative part of the spectrum against that of all planes of a triple left out and a column. */
function negativePart(instance: Stationary): Evidence {
  const view = viewOf(instance);
  const planes = view.left.flatMap((i) => view.levels.map((mu) => lowerEigenvalue(view.s[i]!, mu, view.gamma)));
  const expected = planes.sort((a, b) => a - b);
  const { values, rounding } = spectrumOf(hessianAt(view, instance));
  const negative = (value: number): number => Math.min(0, value);
  return worst(
    values
      .toReversed()
      .map((value, n) =>
        equal(`negative part of eigenvalue ${n + 1}`, negative(value), negative(expected[n] ?? 0), rounding),
      ),
  );
}

export const index: Claim<Stationary> = {
  id: 'landscape/index',
  statement:
    'The Hessian at a stationary point has one negative eigenvalue for every triple left out and every column of a weaker level, in closed form, and no others.',
  formula: String.raw`\mathrm{spec}^-(\nabla^2\tilde F) = \{\tfrac12(\mu_c(\gamma + \tfrac1\gamma) - \sqrt{\mu_c^2(\gamma - \tfrac1\gamma)^2 + 4s_i^2}) : i \notin A,\ s_i > \mu_c\}`,
  kind: 'identity',
  ...ours,
  hypotheses: [
    {
      text: 'the point is stationary',
      without: {
        // Half way from a minimiser to the origin.
        instances: design(stationaryPoints(minimal)),
        check(_, instance) {
          const half = (grid: Grid): Grid =>
            matrix(grid)
              .mul(1 / 2)
              .to2DArray();
          return negativePart({ ...instance, X0: half(instance.X0), Y0: half(instance.Y0) });
        },
      },
    },
  ],
  bound: 'equality',
  instances: design(withCollapse(anySet)),
  check: (_, instance) => negativePart(instance),
};

/** The whole spectrum at the origin, from the singular values of the target. */
function spectrumAtOrigin(target: Matrix, r: number, { alpha, beta }: { alpha: number; beta: number }): number[] {
  const s = singularValues(target);
  const p = s.length;
  const roots = s.flatMap((value) =>
    [1, -1].map((sign) => (alpha + beta + sign * Math.hypot(alpha - beta, 2 * value)) / 2),
  );
  const once = [...roots, ...repeat(alpha, target.rows - p), ...repeat(beta, target.columns - p)];
  return once.flatMap((value) => repeat(value, r)).sort((a, b) => b - a);
}

const repeat = (value: number, times: number): number[] => Array<number>(times).fill(value);

const zeros = ({ d1, d2, r }: Draft['size']): Pick<Instance, 'X0' | 'Y0'> => ({
  X0: Matrix.zeros(d1, r).to2DArray(),
  Y0: Matrix.zeros(d2, r).to2DArray(),
});

const anyStart = { ...shortRuns([1]), size: { d1: [1, 6], d2: [1, 6] } } satisfies Design<Instance>;

export const origin: Claim = {
  id: 'landscape/origin',
  statement: 'At the origin the whole spectrum of the Hessian of the smoothed objective is known in closed form.',
  formula: String.raw`\mathrm{spec} = \Big\{\tfrac12\big(\alpha + \beta \pm \sqrt{(\alpha - \beta)^2 + 4s_i^2}\big)^{\times r},\ \alpha^{\times(d_1 - p)r},\ \beta^{\times(d_2 - p)r}\Big\}`,
  kind: 'identity',
  ...ours,
  hypotheses: [{ text: 'X = 0 and Y = 0', without: { instances: design({ ...anyStart, excludes: tooDense }) } }],
  bound: 'equality',
  instances: design({
    ...anyStart,
    complete: (draft) => ({ ...shortRun(draft), ...zeros(draft.size) }),
    excludes: tooDense,
  }),
  check(_, instance) {
    const [target, point] = [matrix(instance.M), startOf(instance)];
    const H = smoothedHessian(target, point, instance);
    const expected = spectrumAtOrigin(target, point.X.columns, penalties(target, instance));
    const { values, rounding } = spectrumOf(H);
    return worst(values.map((value, n) => equal(`eigenvalue ${n + 1}`, value, expected[n]!, rounding)));
  },
};

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
  hypotheses: [{ text: 'M w = 0', without: { instances: design({ ...kernels, complete: farOut }) } }],
  bound: 'equality',
  instances: design(kernels),
  check(_, instance) {
    const [target, point] = [matrix(instance.M), startOf(instance)];
    const [s, square] = [singularValues(target)[0]!, squaredNorm(point.Y)];
    const { least, rounding } = leastOf(hessian(target, point));
    const doubled = leastOf(hessian(target, { X: point.X, Y: Matrix.mul(point.Y, 2) }));
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
