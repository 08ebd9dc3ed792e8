/** The largest and the smallest nonzero eigenvalue of the Hessian at a global minimum, and their ratio. */
import { Matrix } from 'ml-matrix';
import { atLeast, atMost, claim, equal, worst, type Comparison } from '../../model/claim.ts';
import { dropping } from '../../generate/dropping.ts';
import { changed, design } from '../../generate/design.ts';
import type { Design } from '../../model/draft.ts';
import { curvatureAt, type Spectrum } from '../../oracles/hessians.ts';
import { matrix, type Instance } from '../../model/instance.ts';
import {
  atBalance,
  atMinima,
  minima,
  minimaOfFullRank,
  minimumAt,
  ofFullRank,
  topTriples,
  type Shapes,
} from './minima.ts';
import { singularValues, type Factors } from '../../../src/index.ts';

/** The squares of the largest and of the r-th singular value. */
function squares(A: Matrix): { first: number; last: number } {
  const s = singularValues(A);
  return { first: s[0]! ** 2, last: s.at(-1)! ** 2 };
}

export const largest = claim({
  id: 'flatness/largest',
  statement:
    'At a global minimum the largest eigenvalue of the Hessian is the sum of the largest squared singular values of the factors, and at least 2 s_1.',
  formula: String.raw`\lambda_{\max} = \|X\|_{op}^2 + \|Y\|_{op}^2 \ge 2s_1`,
  kind: 'inequality',
  needs: 'theory',
  hypotheses: [atMinima(minima)],
  bound: {
    tight: 'at balanced points',
    on: {
      instances: design(changed(minima, atBalance)),
      check(_, instance) {
        const { largest: found, s1, rounding } = curvatureAt(instance);
        return equal('lambda_max', found, 2 * s1, rounding);
      },
    },
  },
  proof: 'flatness',
  items: ['6.2'],
  instances: design(minima),
  check(_, instance) {
    const { largest: found, at, s1, rounding } = curvatureAt(instance);
    return worst([
      equal('lambda_max', found, squares(at.X).first + squares(at.Y).first, rounding),
      atLeast('lambda_max against 2 s_1', found, 2 * s1, rounding),
    ]);
  },
});

const tall = minimaOfFullRank(['tall', 'tall']);
/** Four times X: the smaller of sigma_r(X) and sigma_r(Y) is then, as a rule, that of Y; and the other way round. */
const stretched =
  (X: number, Y: number) =>
  (instance: Instance): Instance =>
    minimumAt({ X: matrix(instance.X0).mul(X), Y: matrix(instance.Y0).mul(Y) }, instance.seed);

export const smallest = claim({
  id: 'flatness/smallest',
  statement:
    'At a global minimum, with more than r rows in both factors, the smallest nonzero eigenvalue of the Hessian is the smaller one of sigma_r(X)^2 and sigma_r(Y)^2, and at most s_r.',
  formula: String.raw`\lambda_{\min}^{+} = \min(\sigma_r(X)^2, \sigma_r(Y)^2) \le s_r`,
  kind: 'inequality',
  needs: 'theory',
  hypotheses: [
    atMinima(tall),
    ofFullRank(tall),
    dropping('d1 > r', changed(minimaOfFullRank(['square', 'tall']), stretched(4, 1))),
    dropping('d2 > r', changed(minimaOfFullRank(['tall', 'square']), stretched(1, 4))),
  ],
  bound: {
    tight: 'at balanced points',
    on: {
      instances: design(changed(tall, atBalance)),
      check(_, instance) {
        const { smallestNonzero, sr, rounding } = curvatureAt(instance);
        return equal('smallest nonzero eigenvalue', smallestNonzero, sr, rounding);
      },
    },
  },
  proof: 'flatness',
  items: ['6.2'],
  instances: design(tall),
  check(_, instance) {
    const { smallestNonzero, at, sr, rounding } = curvatureAt(instance);
    const expected = Math.min(squares(at.X).last, squares(at.Y).last);
    return worst([
      equal('smallest nonzero eigenvalue', smallestNonzero, expected, rounding),
      atMost('smallest nonzero eigenvalue against s_r', smallestNonzero, sr, rounding),
    ]);
  },
});

const withSquare = minimaOfFullRank(['square', 'tall'], ['tall', 'square'], ['square', 'square']);

export const smallestSquare = claim({
  id: 'flatness/smallest-square',
  statement:
    'At a global minimum the smallest nonzero eigenvalue of the Hessian is sigma_r(X)^2 if only d1 = r, sigma_r(Y)^2 if only d2 = r, and their sum if both are.',
  formula: String.raw`\lambda_{\min}^{+} = [d_1 = r]\,\sigma_r(X)^2 + [d_2 = r]\,\sigma_r(Y)^2`,
  kind: 'identity',
  needs: 'theory',
  hypotheses: [atMinima(withSquare), ofFullRank(withSquare), dropping('d1 = r or d2 = r', tall)],
  proof: 'flatness',
  items: ['6.2'],
  instances: design(withSquare),
  check(_, instance) {
    const { smallestNonzero, at, rounding } = curvatureAt(instance);
    const ofSquare = (A: Matrix): number => (A.isSquare() ? squares(A).last : 0);
    return equal('smallest nonzero eigenvalue', smallestNonzero, ofSquare(at.X) + ofSquare(at.Y), rounding);
  },
});

/** kappa against c s_1 / s_r, multiplied by the denominators, so that no rounded numbers are divided. */
function cleared(
  { largest: top, smallestNonzero: low, rounding }: Spectrum,
  c: number,
  s1: number,
  sr: number,
): {
  lhs: number;
  rhs: number;
  tolerance: number;
  quantities: Record<string, number>;
} {
  return {
    lhs: top * sr,
    rhs: c * s1 * low,
    // Each factor is off by `rounding` at most.
    tolerance: rounding * (top + sr + c * (s1 + low)),
    quantities: { 'condition number': top / low, 'c s_1 / s_r': (c * s1) / sr },
  };
}

function kappaIs(instance: Instance, c: number): Comparison {
  const found = curvatureAt(instance);
  const { lhs, rhs, tolerance, quantities } = cleared(found, c, found.s1, found.sr);
  return equal('lambda_max s_r', lhs, rhs, tolerance, quantities);
}

const atGamma = (shapes: Shapes, gamma: number): Design<Instance> =>
  changed(minimaOfFullRank(shapes), (instance) => atBalance(instance, gamma));

/** A balanced point whose product is half of the target: for r = 1 its Hessian is a multiple of the identity. */
function halfWay(instance: Instance): Instance {
  const { M, ...rest } = atBalance(instance);
  return { ...rest, M: matrix(M).mul(2).to2DArray() };
}

export const conditionNumber = claim({
  id: 'flatness/condition-number',
  statement:
    'At a global minimum, with more than r rows in both factors, the condition number of the Hessian is at least 2 s_1 / s_r.',
  formula: String.raw`\kappa = \lambda_{\max}/\lambda_{\min}^{+} \ge 2s_1/s_r`,
  kind: 'inequality',
  needs: 'theory',
  hypotheses: [
    dropping("X Y' = M", changed(tall, halfWay)),
    ofFullRank(tall),
    dropping('d1 > r', atGamma(['square', 'tall'], 2)),
    dropping('d2 > r', atGamma(['tall', 'square'], 1 / 2)),
  ],
  bound: {
    tight: 'at balanced points',
    on: { instances: design(changed(tall, atBalance)), check: (_, instance) => kappaIs(instance, 2) },
  },
  proof: 'flatness',
  items: ['6.2'],
  instances: design(tall),
  check(_, instance) {
    const found = curvatureAt(instance);
    const { lhs, rhs, tolerance, quantities } = cleared(found, 2, found.s1, found.sr);
    return atLeast('lambda_max s_r against 2 s_1 lambda_min', lhs, rhs, tolerance, quantities);
  },
});

/** Singular values top > 2 > 1; the middle triple has sigma(X)^2 = 2 stretch and sigma(Y)^2 = 2 / stretch, in [1, 4]. */
function unevenMinima(shapes: Shapes, middle?: 'as the first' | 'as the last'): Design<Instance> {
  const base = minimaOfFullRank(shapes);
  return {
    ...base,
    size: { d1: [3, 6], d2: [3, 6], r: [3, 3] },
    picks: { ...base.picks, top: [4, 8], stretch: [2, 1 / 2, 3 / 2] },
    complete(draft) {
      const { top, stretch } = draft.picks as { top: number; stretch: number };
      const { U, V } = topTriples(matrix(base.complete(draft).M), 3);
      const s = [top, middle === undefined ? 2 : middle === 'as the first' ? top : 1, 1];
      const uneven = [1, Math.sqrt(stretch), 1];
      const X = U.mulRowVector(s.map((value, i) => Math.sqrt(value) * uneven[i]!));
      const Y = V.mulRowVector(s.map((value, i) => Math.sqrt(value) / uneven[i]!));
      return minimumAt({ X, Y }, draft.seed);
    },
  };
}

export const conditionAttained = claim({
  id: 'flatness/condition-attained',
  statement:
    'If a singular value lies strictly between s_1 and s_r, the least condition number 2 s_1 / s_r is attained at unbalanced minima too.',
  formula: String.raw`\kappa = 2s_1/s_r \text{ at } X = US^{1/2}B,\ Y = VS^{1/2}B^{-1},\ B = \mathrm{diag}(1, b, 1),\ s_1 \ge s_2b^{\pm2} \ge s_3`,
  kind: 'identity',
  needs: 'theory',
  hypotheses: [
    dropping('s_1 > s_2', unevenMinima(['tall', 'tall'], 'as the first')),
    dropping('s_2 > s_3', unevenMinima(['tall', 'tall'], 'as the last')),
    dropping('d1, d2 > r', unevenMinima(['square', 'square'])),
  ],
  proof: 'flatness',
  items: ['6.2'],
  instances: design(unevenMinima(['tall', 'tall'])),
  check: (_, instance) => kappaIs(instance, 2),
});

type GammaPoint = Instance & { gamma: number };

/** The gamma-balanced point of a target of any shape; also with uneven factors of the same product. */
function gammaPoints(uneven = 1): Design<GammaPoint> {
  const base = minimaOfFullRank(['tall', 'tall'], ['square', 'tall'], ['tall', 'square'], ['square', 'square']);
  return {
    ...base,
    picks: { ...base.picks, gamma: [1, 2, 1 / 2, 8, 1 / 8] },
    complete(draft) {
      const gamma = draft.picks['gamma']!;
      const { X0, Y0, ...rest } = atBalance(base.complete(draft), gamma);
      const [X, Y] = [matrix(X0).mulColumn(0, uneven), matrix(Y0).mulColumn(0, 1 / uneven)];
      return { ...rest, X0: X.to2DArray(), Y0: Y.to2DArray(), gamma };
    },
  };
}

/** kappa s_r / s_1 on the gamma-balanced points. */
function gammaFactor({ X, Y }: Factors, gamma: number): number {
  if (X.isSquare() && Y.isSquare()) return 1;
  if (X.isSquare()) return 1 + gamma ** -2;
  return Y.isSquare() ? 1 + gamma ** 2 : 1 + Math.max(gamma, 1 / gamma) ** 2;
}

export const gammaFamily = claim<GammaPoint>({
  id: 'flatness/gamma-family',
  statement:
    'At a gamma-balanced minimum the condition number of the Hessian is 1 + max(gamma, 1/gamma)^2 times s_1 / s_r, less if a factor is square.',
  formula: String.raw`\kappa\,\tfrac{s_r}{s_1} = 1 + \max(\gamma, \gamma^{-1})^2;\quad 1 + \gamma^{-2} \text{ if only } d_1 = r;\quad 1 + \gamma^2 \text{ if only } d_2 = r;\quad 1 \text{ if both}`,
  kind: 'identity',
  needs: 'theory',
  hypotheses: [dropping("X'X = gamma^2 Y'Y", gammaPoints(3)), ofFullRank(gammaPoints())],
  proof: 'flatness',
  items: ['6.2'],
  instances: design(gammaPoints()),
  check(_, instance) {
    const found = curvatureAt(instance);
    const { lhs, rhs, tolerance, quantities } = cleared(
      found,
      gammaFactor(found.at, instance.gamma),
      found.s1,
      found.sr,
    );
    return equal('lambda_max s_r', lhs, rhs, tolerance, quantities);
  },
});

type Multiple = Instance & { L: number };

/** X = L I and Y = M'/L, with one more row of zeros if the factors are tall. */
function multiples(shape: 'square' | 'tall'): Design<Multiple> {
  const rows = (A: Matrix): Matrix =>
    shape === 'square' ? A : new Matrix([...A.to2DArray(), A.getRow(0).map(() => 0)]);
  return {
    grids: { M: { shape: ['r', 'r'], unit: 1 / 2, max: 2 } },
    picks: { L: [1, 2, 4, 8] },
    complete({ grids, picks, seed }) {
      const [M, L] = [matrix(grids['M']!), picks['L']!];
      const at = { X: rows(Matrix.eye(M.rows).mul(L)), Y: rows(M.transpose().mul(1 / L)) };
      return { ...minimumAt(at, seed), L };
    },
    excludes: () => 'it is about minima that it makes itself',
  };
}

export const squareInfimum = claim<Multiple>({
  id: 'flatness/square-infimum',
  statement:
    'If d1 = d2 = r, there are minima whose condition number is arbitrarily close to 1: X a large multiple of the identity.',
  formula: String.raw`\kappa = \frac{L^4 + s_1^2}{L^4 + s_r^2} \to 1 \text{ at } X = L I,\ Y = M'/L,\ L \to \infty`,
  kind: 'identity',
  needs: 'theory',
  hypotheses: [dropping('d1 = d2 = r', multiples('tall'))],
  proof: 'flatness',
  items: ['6.2'],
  instances: design(multiples('square')),
  check(_, instance) {
    const found = curvatureAt(instance);
    const L4 = instance.L ** 4;
    const [top, low] = [L4 + found.s1 ** 2, L4 + found.sr ** 2];
    const { lhs, rhs, tolerance, quantities } = cleared(found, 1, top, low);
    return equal('lambda_max (L^4 + s_r^2)', lhs, rhs, tolerance, quantities);
  },
});
