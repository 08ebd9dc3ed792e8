/**
 * The point at which an iterate is drawn. For r = 1 the factors are vectors, and (a, b) = (u'X, v'Y) are their
 * coordinates along the target's leading singular pair: for a 1 x 1 target the iterate itself, up to the pair's sign.
 * For r > 1, only rotation-invariant quantities can be drawn: there is one point for each of the leading pairs,
 * (|u_i'X|, |v_i'Y|); at a minimum it is on or beyond the hyperbola ab = s_i, by the inequality of Cauchy and Schwarz,
 * and on it if the two rows are parallel.
 */
import { Matrix } from 'ml-matrix';
import { decompose, norm, type Factors } from '../../src/index.ts';
import { matrix, type Grid } from '../model/instance.ts';

export type Point = readonly [a: number, b: number];

export interface Projection {
  /** One signed point, or one point in the first quadrant for each singular pair. */
  readonly kind: 'plane' | 'pairs';
  /** The hyperbolas ab = m of these m: minima for a plane. */
  readonly hyperbolas: readonly number[];
  /** 1/2 of the squared singular values that the plane leaves out: a lower bound on F in the plane. */
  readonly rest: number;
  readonly pointsOf: (at: Factors) => Point[];
}

/** The projection for a target (d1 x d2) and factors of rank r. */
export function projectionOf(M: Grid, r: number): Projection {
  if (M.length === 1 && M[0]!.length === 1) {
    const pointsOf = ({ X, Y }: Factors): Point[] => [[X.get(0, 0), Y.get(0, 0)]];
    return { kind: 'plane', hyperbolas: [M[0]![0]!], rest: 0, pointsOf };
  }
  const { U, s, V } = decompose(matrix(M));
  if (r === 1) {
    const [u, v] = oriented(U.getColumnVector(0), V.getColumnVector(0));
    const rest = s.slice(1).reduce((sum, value) => sum + value * value, 0) / 2;
    return { kind: 'plane', hyperbolas: [s[0]!], rest, pointsOf: ({ X, Y }) => [[u.dot(X), v.dot(Y)]] };
  }
  const pairs = s.slice(0, r).map((_, i) => [U.getColumnVector(i), V.getColumnVector(i)] as const);
  return {
    kind: 'pairs',
    hyperbolas: s.slice(0, r),
    rest: 0,
    pointsOf: ({ X, Y }) => pairs.map(([u, v]): Point => [along(u, X), along(v, Y)]),
  };
}

/** |u'A|. */
const along = (u: Matrix, A: Matrix): number => norm(u.transpose().mmul(A));

/** The pair with the sign that makes the largest entry of u positive: libraries choose either. */
function oriented(u: Matrix, v: Matrix): [Matrix, Matrix] {
  const entries = u.to1DArray();
  const largest = entries.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a));
  return largest < 0 ? [u.mul(-1), v.mul(-1)] : [u, v];
}
