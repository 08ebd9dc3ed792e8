/** The curvature at the stationary points of the smoothed objective: those that are not minimal are strict saddles. */
import { Matrix } from 'ml-matrix';
import { atLeast, atMost, equal, worst, type Claim, type Comparison } from '../../model/claim.ts';
import { dropping } from '../../generate/dropping.ts';
import { design } from '../../generate/design.ts';
import { stacked } from '../../oracles/formula.ts';
import { matrix, type Grid, type Instance } from '../../model/instance.ts';
import { spectrumOf, type Spectrum } from '../../oracles/hessians.ts';
import { u } from '../../oracles/rounding.ts';
import {
  anySet,
  leavingSome,
  lowerEigenvalue,
  minimal,
  notMinimal,
  oneKept,
  severalTriples,
  stationaryPoints,
  viewOf,
  withCollapse,
  type Stationary,
  type View,
} from './stationary.ts';
import { norm, smoothedHessian } from '../../../src/index.ts';

const ours = { needs: 'theory', source: 'our proof', proof: 'saddles', items: ['3.3'] } as const;

/** The columns (u_i q', 0) and (0, v_i q'), in the layout of the Hessian. */
function plane({ U, V }: View, i: number, q: Matrix): Matrix {
  const along = (dX: Matrix, dY: Matrix): number[] => stacked({ X: dX.mmul(q), Y: dY.mmul(q) }).to1DArray();
  const [left, right] = [U.getColumnVector(i), V.getColumnVector(i)];
  const [noX, noY] = [Matrix.zeros(U.rows, 1), Matrix.zeros(V.rows, 1)];
  return new Matrix([along(left, noY), along(noX, right)]).transpose();
}

const hessianAt = ({ target, point }: View, noise: Instance): Matrix => smoothedHessian(target, point, noise);

/** The rounding of products with H, whose entries come from singular vectors: a modest multiple of n u |H|, as for eigenvalues. */
const productRounding = (H: Matrix): number => 8 * H.rows * u * norm(H);

/** The Hessian on the plane of triple i and direction q against the block that a column of this level has there. */
function block(view: View, H: Matrix, i: number, q: Matrix, mu: number): Comparison {
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
function blocks(instance: Stationary, triples: (view: View) => readonly number[]): Comparison {
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
    dropping('triple i is left out', stationaryPoints(minimal), (_, instance) => blocks(instance, () => instance.kept)),
    {
      text: 'q is the direction of one column',
      ablation: {
        // Halfway between a column of a retained triple and a free one.
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

/** The column in which a new triple grows fastest: a free one, or else that of the weakest retained triple. */
const weakestColumn = ({ levels }: View): number => levels.indexOf(Math.min(...levels));

export const strictSaddles: Claim<Stationary> = {
  id: 'landscape/strict-saddles',
  statement:
    'At a stationary point that is not minimal the strongest omitted triple has a direction of negative curvature, in closed form.',
  formula: String.raw`\frac{\langle d, \nabla^2\tilde F\,d\rangle}{\|d\|^2} = -\frac{2(s_i - \mu)}{\gamma + 1/\gamma} < 0,\quad d = (\sqrt\gamma\,u_iq',\ \gamma^{-1/2}v_iq')`,
  kind: 'identity',
  ...ours,
  hypotheses: [
    dropping('the point is not a minimiser', { ...stationaryPoints(minimal), size: { ...severalTriples, r: [1, 1] } }),
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

/** One triple is retained, another above lambda is not. */
const keepingOne = stationaryPoints((kept, spectrum) => oneKept(kept, spectrum) && notMinimal(kept, spectrum));

/** The Hessian's least eigenvalue against that of the plane of a triple left out and a level. */
function leastIs(instance: Stationary, choose: (view: View) => { i: number; mu: number }): Comparison {
  const view = viewOf(instance);
  const { i, mu } = choose(view);
  const s = view.s[i]!;
  const { least, rounding } = spectrumOf(hessianAt(view, instance));
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
    dropping('the point is not a minimiser', { ...stationaryPoints(minimal), size: { ...severalTriples, r: [1, 1] } }),
    dropping(
      'i is the strongest triple left out',
      { ...stationaryPoints(notMinimal), size: severalTriples },
      (_, instance) => leastIs(instance, (view) => ({ ...strongestAndWeakest(view), i: view.left.at(-1)! })),
    ),
    dropping(
      'mu is the weakest level available: lambda if a column is free, else the weakest retained s_j',
      {
        ...keepingOne,
        size: { d1: [3, 5], d2: [3, 5], r: [2, 3], k: [3, 4] },
        picks: { ...keepingOne.picks, share: [1 / 32] },
      },
      (_, instance) => leastIs(instance, (view) => ({ ...strongestAndWeakest(view), mu: Math.max(...view.levels) })),
    ),
  ],
  bound: 'equality',
  instances: design(stationaryPoints(notMinimal)),
  check: (_, instance) => leastIs(instance, strongestAndWeakest),
};

const spectrumAt = (instance: Stationary): Spectrum => spectrumOf(hessianAt(viewOf(instance), instance));

export const secondOrder: Claim<Stationary> = {
  id: 'landscape/second-order',
  statement:
    'At its minimisers, and at no other stationary point, the Hessian of the smoothed objective is positive semidefinite.',
  formula: String.raw`\lambda_{\min}(\nabla^2\tilde F) \ge 0 \text{ at the minimisers}`,
  kind: 'inequality',
  ...ours,
  hypotheses: [dropping('the point is a minimiser', stationaryPoints(notMinimal))],
  bound: {
    tight: 'if r >= 2 and some triple is retained: turning the factors costs nothing',
    on: {
      instances: design({ ...stationaryPoints(minimal), size: { ...severalTriples, r: [2, 3] } }),
      check(_, instance) {
        const { least, rounding } = spectrumAt(instance);
        return equal('least eigenvalue', least, 0, rounding);
      },
    },
  },
  instances: design(withCollapse(minimal)),
  check(_, instance) {
    const { least, rounding } = spectrumAt(instance);
    return atLeast('least eigenvalue', least, 0, rounding);
  },
};

/** The negative part of the spectrum against that of all planes of a triple left out and a column. */
function negativePart(instance: Stationary): Comparison {
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
    'The Hessian at a stationary point has exactly one negative eigenvalue for every omitted triple and every column of a weaker level, in closed form.',
  formula: String.raw`\mathrm{spec}^-(\nabla^2\tilde F) = \{\tfrac12(\mu_c(\gamma + \tfrac1\gamma) - \sqrt{\mu_c^2(\gamma - \tfrac1\gamma)^2 + 4s_i^2}) : i \notin A,\ s_i > \mu_c\}`,
  kind: 'identity',
  ...ours,
  hypotheses: [
    {
      text: 'the point is stationary',
      ablation: {
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
