/** Conditional moments of a step at any dimension, and rules that average a reduced step exactly (docs/theory/dimension-free.md#dimension-free). */
import { Matrix } from 'ml-matrix';
import { gram, type NoiseScales, type ReducedOptions } from '../../src/index.ts';
import { planes, simplex, type Cubature } from './cubature.ts';
import { chiSquareNormals } from './reduction.ts';

/** One factor's blocks, and numbers from its dimension; `other` is the factor that it is multiplied with. */
interface FactorState {
  readonly head: Matrix;
  readonly tail: Matrix;
  readonly dimension: number;
  readonly sigma: number;
}

/** Means of A and of C'C after a step; those of B and E'E if the sides are exchanged. */
export function meanAfter(
  own: FactorState,
  other: FactorState,
  s: readonly number[],
  eta: number,
): { head: Matrix; gram: Matrix } {
  const r = own.head.columns;
  const ofOther = gram(other.head).add(gram(other.tail));
  const Gamma = Matrix.add(ofOther, Matrix.eye(r).mul(other.dimension * other.sigma ** 2));
  const pulled = Matrix.diag(s.length === 0 ? [0] : [...s]).mmul(other.head);
  const head = Matrix.sub(own.head, own.head.mmul(Gamma).sub(pulled).mul(eta));
  const P = gram(own.tail);
  const S = Matrix.add(P, Matrix.eye(r).mul((own.dimension - s.length) * own.sigma ** 2));
  const turned = P.mmul(Gamma).add(Gamma.mmul(P)).mul(eta);
  const square = sandwich(ofOther, S, other.dimension, other.sigma ** 2).mul(eta ** 2);
  return { head, gram: Matrix.sub(P, turned).add(square) };
}

/** E[G S G] for G = Y~'Y~, Y~ = Y + noise of variance v with d rows, given Y'Y: G is a sum over rows, whose fourth moments are known. */
export function sandwich(YY: Matrix, S: Matrix, d: number, v: number): Matrix {
  const I = Matrix.eye(S.rows);
  const Gamma = Matrix.add(YY, Matrix.mul(I, d * v));
  const mixed = YY.mmul(S).add(S.mmul(YY));
  const traces = Matrix.mul(YY, S.trace()).add(Matrix.mul(I, S.mmul(YY).trace()));
  const pure = Matrix.add(S, Matrix.mul(I, S.trace())).mul(d * v * v);
  return Gamma.mmul(S).mmul(Gamma).add(mixed.add(traces).mul(v)).add(pure);
}

/** The two sides of a problem. */
export function sidesOf(problem: Pick<ReducedOptions, 'dimensions' | 'singularValues' | 'start'>, scales: NoiseScales) {
  const { dimensions, singularValues, start } = problem;
  const k = singularValues.length;
  const side = (factor: Matrix, dimension: number, sigma: number): FactorState => ({
    head: headOf(factor, k),
    tail: tailOf(factor, k),
    dimension,
    sigma,
  });
  return [side(start.X, dimensions.d1, scales.sigma1), side(start.Y, dimensions.d2, scales.sigma2)] as const;
}

/** A, or B: the first k rows of a factor; a row of zeros if it is empty. */
export const headOf = (factor: Matrix, k: number): Matrix => rows(factor, 0, k);

/** C, or E: the rows from the k-th on; a row of zeros if it is empty. */
export const tailOf = (factor: Matrix, k: number): Matrix => rows(factor, k, factor.rows);

const rows = (A: Matrix, from: number, to: number): Matrix =>
  from === to ? Matrix.zeros(1, A.columns) : A.subMatrix(from, to - 1, 0, A.columns - 1);

/**
 * The draws of a step of the reduced descent for one factor: this number of normals, then chi-squares of these degrees
 * of freedom.
 */
export interface Draws {
  readonly normals: number;
  readonly freedoms: readonly number[];
}

export function drawsOf(dimension: number, k: number, r: number): Draws {
  const n = dimension - k;
  if (n < 2 * r) return { normals: dimension * r, freedoms: [] };
  return { normals: (k + r) * r + (r * (r - 1)) / 2, freedoms: Array.from({ length: r }, (_, i) => n - r - i) };
}

/** Averages polynomials up to degree 5 in the normals, a chi-square counting as a square: Gauss's two nodes for each. */
export const upToFive = ({ normals, freedoms }: Draws): Cubature =>
  withChiSquares(planes(normals), freedoms, gaussNodes);

/** The same up to degree 2, for which the mean of a chi-square will do. */
export const upToTwo = ({ normals, freedoms }: Draws): Cubature =>
  withChiSquares(simplex(normals), freedoms, (freedom) => [[freedom, 1]]);

/** The largest norm of a factor's noise over the points of `upToFive`. */
export const largestNoise = ({ normals, freedoms }: Draws): number =>
  Math.sqrt(freedoms.reduce((sum, freedom) => sum + gaussNodes(freedom)[1][0], 3 * normals));

type Nodes = (freedom: number) => readonly (readonly [value: number, weight: number])[];

/** Half a chi-square is a gamma number of shape a: its rule has the nodes a + 1 -+ sqrt(a + 1), exact up to its cube. */
const gaussNodes = (freedom: number): [readonly [number, number], readonly [number, number]] => {
  const root = Math.sqrt(freedom / 2 + 1);
  const node = (sign: number): readonly [number, number] => [2 * root * (root + sign), (1 - sign / root) / 2];
  return [node(-1), node(1)];
};

function* withChiSquares(
  rule: Cubature,
  freedoms: readonly number[],
  nodes: Nodes,
): Generator<readonly [Float64Array, number]> {
  let tails: (readonly [number[], number])[] = [[[], 1]];
  for (const freedom of freedoms) {
    tails = tails.flatMap(([numbers, weight]) =>
      nodes(freedom).map(
        ([value, share]) => [[...numbers, ...chiSquareNormals(value, freedom)], weight * share] as const,
      ),
    );
  }
  for (const [point, weight] of rule) {
    for (const [numbers, share] of tails) yield [Float64Array.of(...point, ...numbers), weight * share];
  }
}
