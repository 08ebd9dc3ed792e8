/** From the full descent's coordinates and noise to the reduced ones, by explicit rotations (docs/theory/dimension-free.md#dimension-free). */
import { Matrix } from 'ml-matrix';
import { decompose, norm, rank, type Factors, type ReducedProblem } from '../../src/index.ts';

/** Orthogonal bases of R^d1 and R^d2: first the k singular directions of M, then the other directions in X, or Y. */
export interface Frames {
  readonly ofX: Matrix;
  readonly ofY: Matrix;
  readonly singularValues: number[];
}

export function frames(target: Matrix, { X, Y }: Factors): Frames {
  const { U, s, V } = decompose(target);
  const k = rank(target);
  return { ofX: frame(U, k, X), ofY: frame(V, k, Y), singularValues: s.slice(0, k) };
}

/** The product of the Householder reflections that make [directions, factor] triangular, with the signs of the directions. */
function frame(directions: Matrix, k: number, factor: Matrix): Matrix {
  const left = new Matrix(factor.to2DArray().map((row, i) => [...directions.getRow(i).slice(0, k), ...row]));
  const basis = Matrix.eye(factor.rows);
  for (let j = 0; j < Math.min(left.rows - 1, left.columns); j++) {
    const v = left.getColumn(j).map((entry, i) => (i < j ? 0 : entry));
    const length = Math.hypot(...v);
    if (length === 0) continue;
    v[j]! += v[j]! < 0 ? -length : length;
    const unit = Matrix.columnVector(v).div(Math.hypot(...v));
    left.sub(unit.mmul(unit.transpose().mmul(left)).mul(2));
    basis.sub(basis.mmul(unit).mmul(unit.transpose()).mul(2));
  }
  for (let j = 0; j < k; j++) {
    if (basis.getColumnVector(j).dot(directions.getColumnVector(j)) < 0) basis.mulColumn(j, -1);
  }
  return basis;
}

/** The number of rows of C, of n, that the reduced descent stores. */
const keptRows = (n: number, r: number): number => (n < 2 * r ? n : r);

/** The factors in the frames. */
export const inFrames = ({ ofX, ofY }: Frames, { X, Y }: Factors): Factors => ({
  X: ofX.transpose().mmul(X),
  Y: ofY.transpose().mmul(Y),
});

/** The same problem in reduced coordinates; below the stored rows there is only rounding. */
export function reducedIn(all: Frames, at: Factors): ReducedProblem {
  const [k, r] = [all.singularValues.length, at.X.columns];
  const { X, Y } = inFrames(all, at);
  const top = (A: Matrix): Matrix => A.subMatrix(0, k + keptRows(A.rows - k, r) - 1, 0, r - 1);
  return {
    dimensions: { d1: X.rows, d2: Y.rows },
    singularValues: all.singularValues,
    start: { X: top(X), Y: top(Y) },
  };
}

/** The numbers with which a reduced step is the full step with these standard normals. */
export function reducedNormals(all: Frames, normals: Factors): Float64Array {
  const { X, Y } = inFrames(all, normals);
  const k = all.singularValues.length;
  return Float64Array.of(...normalsOf(X, k), ...normalsOf(Y, k));
}

function normalsOf(block: Matrix, k: number): number[] {
  const entries = block.to2DArray();
  const kept = k + keptRows(block.rows - k, block.columns);
  const others = entries.slice(kept);
  const root = others.length === 0 ? [] : triangularRoot(others);
  const above = root.flatMap((row, i) => row.slice(i + 1));
  const onDiagonal = root.flatMap((row, i) => chiSquareNormals(row[i]! ** 2, others.length - i));
  return [...entries.slice(0, kept).flat(), ...above, ...onDiagonal];
}

/** The upper triangular T with T'T = N'N: Gram and Schmidt, twice, which makes it orthogonal to rounding. */
function triangularRoot(N: readonly number[][]): number[][] {
  const rank = N[0]!.length;
  const root = Array.from({ length: rank }, () => new Array<number>(rank).fill(0));
  const basis: Matrix[] = [];
  for (let j = 0; j < rank; j++) {
    const column = Matrix.columnVector(N.map((row) => row[j]!));
    for (let pass = 0; pass < 2; pass++) {
      basis.forEach((unit, i) => {
        const share = unit.dot(column);
        root[i]![j]! += share;
        column.sub(Matrix.mul(unit, share));
      });
    }
    root[j]![j] = norm(column);
    basis.push(column.div(root[j]![j]!));
  }
  return root;
}

/**
 * Three numbers from which `chiSquare` computes this value: the candidate, and two that accept it. The cost of a
 * candidate is d (v - 1 - log v) - x^2/2, which is below 128 for every value that occurs in practice.
 */
export function chiSquareNormals(value: number, freedom: number): [number, number, number] {
  const d = freedom / 2 - 1 / 3;
  return [(Math.cbrt(value / (2 * d)) - 1) * Math.sqrt(9 * d), 16, 0];
}
