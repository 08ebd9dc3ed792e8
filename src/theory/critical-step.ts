/**
 * How large a step of gradient descent may be (docs/theory/large-steps.md#critical-step). For factors along one pair of singular vectors, X = x u and
 * Y = y v with Mv = mu u and M'u = mu v, the border of convergence is known exactly:
 *
 *     h < min(1 / |mu|, 8 / (S + sqrt(S^2 - 16 mu (x y - mu)))),     S = x^2 + y^2.
 *
 * Elsewhere there is a step size at which the loss is known to fall in every step.
 */
import type { Matrix } from 'ml-matrix';
import type { Factors } from '../contract.ts';
import { imbalance, singularValues } from '../linear-algebra/geometry.ts';
import { inner, norm, plus, times, transposedTimes } from '../linear-algebra/matrices.ts';
import { residual } from './objective.ts';
import { validateProblem, validateStepSize } from '../validate.ts';

/** A step size, and whether it is the border of convergence. */
export interface CriticalStep {
  /** Above 0. */
  readonly stepSize: number;
  /** Whether it is the border: almost every start converges below it and does not above it. If not, it is safe, not sharp. */
  readonly exact: boolean;
}

/**
 * The border of convergence from this start (M d1 x d2, X d1 x r, Y d2 x r), or a safe step size if the border is not
 * known. Throws `InvalidInput`.
 *
 * @example
 * ```ts
 * criticalStep(new Matrix([[1]]), { X: new Matrix([[2]]), Y: new Matrix([[0.25]]) }); // {"stepSize": 0.8876, "exact": true}
 * ```
 */
export function criticalStep(target: Matrix, start: Factors): CriticalStep {
  validateProblem(target, start);
  const mu = alignedValue(target, start);
  return mu === undefined
    ? { stepSize: 1 / (2 * descentCurvature(target, start)), exact: false }
    : { stepSize: border(mu, norm(start.X), norm(start.Y)), exact: true };
}

/** Relatively, how close to the border a step size counts as on it. */
const ON_BORDER = 1e-12;

/**
 * On which side of the critical step size this one is, as a sentence to print; undefined if it is below. M d1 x d2, X
 * d1 x r, Y d2 x r. Throws `InvalidInput`.
 *
 * @example
 * ```ts
 * stepSizeNote(new Matrix([[1]]), { X: new Matrix([[2]]), Y: new Matrix([[2]]) }, 0.1); // undefined
 * ```
 */
export function stepSizeNote(target: Matrix, start: Factors, stepSize: number): string | undefined {
  validateStepSize(stepSize);
  const { stepSize: critical, exact } = criticalStep(target, start);
  if (stepSize < critical * (1 - ON_BORDER)) return undefined;
  const shown = String(Number(critical.toPrecision(6)));
  if (!exact)
    return `step size ${stepSize} is not below ${shown}, below which gradient descent is known to descend from this start, and may converge or not: choose a smaller one to be safe`;
  return stepSize <= critical * (1 + ON_BORDER)
    ? `step size ${stepSize} is the critical one of this start, at which gradient descent is chaotic: choose a smaller one to converge`
    : `step size ${stepSize} is above ${shown}, the critical one of this start, and gradient descent will not converge: choose a smaller one`;
}

/** min(1 / |mu|, h*), for x, y >= 0 and a mu of either sign. */
function border(mu: number, x: number, y: number): number {
  const S = x * x + y * y;
  // S^2 - 16 mu (xy - mu) >= 4 (xy - 2 mu)^2 >= 0, up to rounding.
  const root = Math.sqrt(Math.max(0, S * S - 16 * mu * (x * y - mu)));
  return Math.min(1 / Math.abs(mu), 8 / (S + root));
}

/** The relative error by which rounding may make a pair of singular vectors inexact. */
const ALIGNED = 1e-12;

/** mu = s_1 or -s_1, if X and Y are nonzero vectors along a leading pair of singular vectors. */
function alignedValue(target: Matrix, { X, Y }: Factors): number | undefined {
  const [x, y] = [norm(X), norm(Y)];
  if (X.columns > 1 || x === 0 || y === 0) return undefined;
  const [MY, MX] = [times(target, Y), transposedTimes(target, X)];
  const mu = inner(X, MY) / (x * y);
  const off = norm(plus(MY, X, (-mu * y) / x)) / y + norm(plus(MX, Y, (-mu * x) / y)) / x;
  const least = singularValues(target)[0]! - ALIGNED * norm(target);
  return off <= ALIGNED * norm(target) && Math.abs(mu) >= least ? mu : undefined;
}

/**
 * A bound on |X|^2 + |Y|^2 + |R| along all of gradient descent from the start (docs/theory/setting.md#stable-step): while the
 * loss falls, |X Y'| <= |M| + |R_0| =: P and |D| <= |D_0| + drift, so |X'X|, |Y'Y| <= (|D| + sqrt(|D|^2 + 4 P^2)) / 2;
 * and 1/eta at least the bound keeps the drift below 2 eta F_0.
 */
export function descentCurvature(target: Matrix, start: Factors): number {
  const R0 = norm(residual(target, start));
  const P = norm(target) + R0;
  const D0 = norm(imbalance(start));
  const bound = (D: number): number => D + Math.sqrt(D * D + 4 * P * P) + R0;
  const crude = bound(D0);
  // A zero problem has no curvature; any step size does.
  return crude === 0 ? 1 : bound(D0 + (R0 * R0) / crude);
}
