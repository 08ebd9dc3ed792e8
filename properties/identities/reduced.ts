/** Means of a full step in the coordinates of the target, M = diag(s): those that a reduced step has to have. */
import type { Instance } from '../model/instance.ts';
import { diagonalGrid, padded, type Wide } from '../instances/dimensions.ts';
import type { Rows } from './algebra.ts';
import { BLOCKS_TO_FIVE } from './averages.ts';
import { asDrawn, shapesUpTo, withK, withTriples, type Identity, type Shape } from './identity.ts';
import { blocksOf, perturbed, scalesOf, stepFrom } from './problem.ts';
import type { Setting } from './setting.ts';

/** One factor, split after its first k rows, with the moments of its noise. */
interface FactorState<T> {
  readonly head: Rows<T>;
  readonly tail: Rows<T>;
  readonly dimension: number;
  readonly variance: T;
}

/** E[G S G] for G = Y~'Y~ with Y given, by the fourth moments of normals. */
function sandwich<T>(a: Setting<T>, YY: Rows<T>, S: Rows<T>, { dimension: d, variance: v }: FactorState<T>): Rows<T> {
  const I = a.identity(S.length);
  const Gamma = a.plus(YY, a.scaled(a.product(d, v), I));
  const mixed = a.plus(a.times(YY, S), a.times(S, YY));
  const traces = a.plus(a.scaled(a.trace(S), YY), a.scaled(a.inner(S, YY), I));
  const pure = a.scaled(a.product(d, v, v), a.plus(S, a.scaled(a.trace(S), I)));
  return a.plus(a.times(Gamma, S, Gamma), a.scaled(v, a.plus(mixed, traces)), pure);
}

/** Means of the head, and of the tail's Gram matrix, after a step. */
function meansAfter<T>(a: Setting<T>, own: FactorState<T>, other: FactorState<T>, s: readonly T[], eta: T) {
  const k = s.length;
  const I = a.identity(own.tail[0]!.length);
  const YY = a.plus(a.gram(other.tail), ...(k === 0 ? [] : [a.gram(other.head)]));
  const Gamma = a.plus(YY, a.scaled(a.product(other.dimension, other.variance), I));
  const P = a.gram(own.tail);
  const S = a.plus(P, a.scaled(a.product(own.dimension - k, own.variance), I));
  const turned = a.scaled(eta, a.plus(a.times(P, Gamma), a.times(Gamma, P)));
  const gram = a.plus(a.minus(P, turned), a.scaled(a.square(eta), sandwich(a, YY, S, other)));
  const slope = k === 0 ? [] : a.minus(a.times(own.head, Gamma), a.times(a.diagonal(s), other.head));
  return { head: k === 0 ? [] : a.minus(own.head, a.scaled(eta, slope)), gram };
}

/** Some rows are left beyond the first k in either factor. */
const SHAPES = withTriples(
  shapesUpTo(3, 2, { text: 'd1 d2 r^2 <= 16', holds: ({ d1, d2, r }) => d1 * d2 * r * r <= 16 }),
  0,
  ({ d1, d2 }) => Math.min(d1, d2) - 1,
  'every rank of M below both',
);

const split = <T>(A: Rows<T>, k: number): [head: Rows<T>, tail: Rows<T>] => [A.slice(0, k), A.slice(k)];

export const meanStep: Identity = {
  claim: 'reduced/mean-step',
  part: 'that a full step has the means of the formula',
  average:
    'the step has degree 2 in the noise on the other factor and 1 in its own, so its Gram matrix has at most 4 and 2',
  shapes: SHAPES,
  shapeOn: withK(singularValues),
  seen: withAllRows,
  on(instance) {
    const { d1, d2, M } = instance as Wide;
    if (d1 !== M.length || d2 !== M[0]!.length) return undefined;
    return { ...asDrawn(instance), s: M.map((row, i) => row[i] ?? 0).slice(0, singularValues(instance)) };
  },
  text(a, shape) {
    const { d1, d2, r, k = 0 } = shape;
    const at = { X: a.matrix('X', d1, r), Y: a.matrix('Y', d2, r) };
    const [s, scales, eta] = [a.numbers('s', k), scalesOf(a), a.number('eta')];
    const M = a.diagonal(s, d1, d2);
    const mean = a.mean(BLOCKS_TO_FIVE, blocksOf(shape), (xi1, xi2) => {
      const { X, Y } = stepFrom(a, M, at, perturbed(a, at, scales, xi1, xi2), eta);
      return [X, Y].flatMap((factor) => [...factor.slice(0, k), ...a.gram(factor.slice(k))]);
    });
    const side = (A: Rows<typeof eta>, sigma: typeof eta): FactorState<typeof eta> => {
      const [head, tail] = split(A, k);
      return { head, tail, dimension: A.length, variance: a.square(sigma) };
    };
    const [onX, onY] = [side(at.X, scales.sigma1), side(at.Y, scales.sigma2)];
    const [ofX, ofY] = [meansAfter(a, onX, onY, s, eta), meansAfter(a, onY, onX, s, eta)];
    return named(mean, shape).flatMap(({ name, gram, head, tail }, i) => {
      const want = i === 0 ? ofX : ofY;
      const ofTail = a.equation(`mean of ${gram}`, tail, want.gram);
      return k === 0 ? [ofTail] : [a.equation(`mean of ${name}`, head, want.head), ofTail];
    });
  },
};

/** The rows of the mean by name. */
const named = <T>(mean: Rows<T>, { r, k = 0 }: Shape) =>
  [
    ['A', "C'C"],
    ['B', "E'E"],
  ].map(([name, gram], i) => {
    const [head, tail] = split(mean.slice(i * (k + r), (i + 1) * (k + r)), k);
    return { name: name!, gram: gram!, head, tail };
  });

function singularValues({ M }: Instance): number {
  return M.filter((row, i) => (row[i] ?? 0) !== 0).length;
}

/** The instance with all rows of its problem, if they are few. */
function withAllRows(instance: Instance): Instance {
  const { d1, d2, M, X0, Y0 } = instance as Wide;
  if (d1 > 4 || d2 > 4) return instance;
  const s = M.map((row, i) => row[i] ?? 0).slice(0, singularValues(instance));
  return {
    ...instance,
    M: diagonalGrid(s, d1, d2),
    X0: padded(X0, d1).to2DArray(),
    Y0: padded(Y0, d2).to2DArray(),
  };
}
