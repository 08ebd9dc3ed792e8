/** The coordinates in which a step costs the same at every dimension (docs/theory/dimension-free.md#dimension-free). */
import { Matrix } from 'ml-matrix';
import type { Factors } from '../contract.ts';
import { decompose, rank } from '../linear-algebra/geometry.ts';
import { validateProblem } from '../validate.ts';

/** A problem in reduced coordinates: X = [A; C] and Y = [B; E]. */
export interface ReducedProblem {
  /** Rows of X and of Y. */
  dimensions: {
    /** The number of rows of X. */
    d1: number;
    /** The number of rows of Y. */
    d2: number;
  };
  /** s_1, ..., s_k of the target. */
  singularValues: number[];
  /** A and B are k x r; C and E have r rows, or d1 - k and d2 - k if that is fewer. */
  start: Factors;
}

/**
 * The full problem's reduced coordinates: A = U'X, B = V'Y, and C, E with the Gram matrices of the remaining parts of X
 * and Y.
 *
 * @example
 * ```ts
 * const start = { X: new Matrix([[1], [1], [1]]), Y: new Matrix([[1], [0]]) };
 * const reduced = reducedCoordinates(new Matrix([[2, 0], [0, 0], [0, 0]]), start);
 * reduced.singularValues; // [2]
 * ```
 */
export function reducedCoordinates(target: Matrix, start: Factors): ReducedProblem {
  validateProblem(target, start);
  const { U, s, V } = decompose(target);
  const k = rank(target);
  return {
    dimensions: { d1: target.rows, d2: target.columns },
    singularValues: s.slice(0, k),
    start: { X: split(start.X, U, k), Y: split(start.Y, V, k) },
  };
}

function split(factor: Matrix, directions: Matrix, k: number): Matrix {
  const free = Math.min(factor.rows - k, factor.columns);
  if (k === 0) return new Matrix(compressed(factor, free));
  const inside = directions.subMatrix(0, factor.rows - 1, 0, k - 1);
  const head = inside.transpose().mmul(factor);
  return new Matrix([...head.to2DArray(), ...compressed(Matrix.sub(factor, inside.mmul(head)), free)]);
}

/** This number of rows with the Gram matrix of the given ones, whose rank is no larger: s_i v_i' of their decomposition. */
export function compressed(tail: Matrix, rows: number): number[][] {
  const { s, V } = decompose(tail);
  return Array.from({ length: rows }, (_, i) => V.getColumn(i).map((entry) => s[i]! * entry));
}
