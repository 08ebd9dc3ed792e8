/** Misreadings of the layout of the target, and of the Gram matrix in each gradient. */
import { Matrix } from 'ml-matrix';
import { gradient, gram, type Factors } from '../../src/index.ts';
import { movedBy, type Misreading } from './misreading.ts';

/** One row or column off, in either direction, for one factor or both; entries from outside M are 0 or wrap around. */
const shifts: readonly Misreading[] = (['row', 'column'] as const).flatMap((line) =>
  [1, -1].flatMap((by) =>
    [false, true].flatMap((isCyclic) =>
      [['X', 'Y'], ['X'], ['Y']].map((where) =>
        movedBy(
          `the step that reads M off by one: ${line} i ${by > 0 ? '- 1' : '+ 1'} in place of ${line} i${isCyclic ? ', cyclically' : ''}, in the gradient of ${where.join(' and ')}`,
          ({ target }, perturbed) => seenBy(where, [target, shifted(target, line === 'row', by, isCyclic)], perturbed),
        ),
      ),
    ),
  ),
);

/** Other targets in place of M; undefined if it has another shape. */
const OTHERS: readonly (readonly [text: string, other: (M: Matrix) => Matrix | undefined])[] = [
  ["the step with M' in place of M: the target is transposed", (M) => (M.isSquare() ? M.transpose() : undefined)],
  [
    'the step whose target is read column by column, but was written row by row',
    (M) => Matrix.from1DArray(M.columns, M.rows, M.to1DArray()).transpose(),
  ],
  ['the step with + M in place of - M in the residual', (M) => Matrix.mul(M, -1)],
  ["the step that forgets M: (X~Y~') Y~ and (X~Y~')' X~", (M) => Matrix.mul(M, 0)],
];

/** In both gradients, or in that of one factor. */
const others: readonly Misreading[] = OTHERS.flatMap(([text, other]) =>
  [['X', 'Y'], ['X'], ['Y']].map((where) =>
    movedBy(where.length === 2 ? text : `${text}; in the gradient of ${where[0]} only`, ({ target }, perturbed) => {
      const wrong = other(target);
      return wrong && seenBy(where, [target, wrong], perturbed);
    }),
  ),
);

/** One entry off in the sum of each gradient: column j of M for X, and row i of M for Y. */
const sums: readonly Misreading[] = [1, -1].flatMap((by) =>
  [false, true].map((isCyclic) =>
    movedBy(
      `the step whose sums read M off by one: entry k ${by > 0 ? '- 1' : '+ 1'} in place of entry k${isCyclic ? ', cyclically' : ''}`,
      ({ target }, perturbed) => ({
        X: gradient(shifted(target, false, by, isCyclic), perturbed).X,
        Y: gradient(shifted(target, true, by, isCyclic), perturbed).Y,
      }),
    ),
  ),
);

export const TARGET: readonly Misreading[] = [
  ...others,
  ...shifts,
  ...sums,
  movedBy("X~'X~ in place of Y~'Y~ in the gradient of X, and the other way round", ({ target }, { X, Y }) =>
    products(target, { X, Y }, { X: gram(X), Y: gram(Y) }),
  ),
  movedBy("Y'Y and X'X without the noise: (X~ (Y'Y) - M Y~, Y~ (X'X) - M'X~)", ({ target, at }, perturbed) =>
    products(target, perturbed, { X: gram(at.Y), Y: gram(at.X) }),
  ),
];

/** M with row or column i - by in the place of i. */
function shifted(M: Matrix, isRow: boolean, by: number, isCyclic: boolean): Matrix {
  const at = (i: number, j: number): number => {
    const [row, column] = isRow ? [i - by, j] : [i, j - by];
    const isOutside = row < 0 || column < 0 || row >= M.rows || column >= M.columns;
    return isOutside && !isCyclic ? 0 : M.get((row + M.rows) % M.rows, (column + M.columns) % M.columns);
  };
  return new Matrix(Array.from({ length: M.rows }, (_, i) => Array.from({ length: M.columns }, (_1, j) => at(i, j))));
}

/** The slopes with the wrong target for these factors and the correct one for the others. */
function seenBy(where: readonly string[], [right, wrong]: readonly [Matrix, Matrix], at: Factors): Factors {
  const of = (name: 'X' | 'Y'): Matrix => gradient(where.includes(name) ? wrong : right, at)[name];
  return { X: of('X'), Y: of('Y') };
}

/** X~ G.X - M Y~ and Y~ G.Y - M'X~. */
const products = (target: Matrix, { X, Y }: Factors, grams: Factors): Factors => ({
  X: X.mmul(grams.X).sub(target.mmul(Y)),
  Y: Y.mmul(grams.Y).sub(target.transpose().mmul(X)),
});
