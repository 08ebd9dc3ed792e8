/** The symmetries of the algorithm, along each path: transform the problem and the noise, and the whole path is transformed. */
import { moderate } from '../../instances/large-targets.ts';
import { Matrix } from 'ml-matrix';
import { atStep, claim, equal, firstRefuted, showing, type Claim, type Comparison } from '../../model/claim.ts';
import { dropping } from '../../generate/dropping.ts';
import { envelope, path, travelled } from '../../oracles/coupling.ts';
import { design, LARGE } from '../../generate/design.ts';
import type { Design } from '../../model/draft.ts';
import { plainRuns, shortRun, shortRuns } from '../../instances/designs.ts';
import { stacked } from '../../oracles/formula.ts';
import {
  blockSize,
  iterate,
  matrix,
  noiseTape,
  optionsOf,
  startOf,
  type Grid,
  type Instance,
} from '../../model/instance.ts';
import { referenceDescent } from '../../oracles/reference-descent.ts';
import { squaredSize } from '../../oracles/scales.ts';
import { USUAL } from '../../model/labels.ts';
import { conversion, u } from '../../oracles/rounding.ts';
import { loss, norm, scriptedNoise, type Factors, type Solver } from '../../../src/index.ts';

/** A change of the problem, of the pairs (X, Y) and (xi1, xi2), and of the scales. */
interface Transform {
  readonly problem: (instance: Instance) => Instance;
  readonly pair: (pair: Factors) => Factors;
  /** The noise, if it is not transformed like the factors. */
  readonly noise?: (pair: Factors) => Factors;
  /** The allowed difference beyond that of two plain runs: reflections are orthogonal only up to rounding. */
  readonly rounding: number;
}

/** The path of the transformed problem against the transformed path, at its start and after each step. */
function* equivariance(solver: Solver, instance: Instance, transform: Transform): Generator<Comparison> {
  const tape = noiseTape(instance);
  const original = visit(solver, instance, tape);
  const image = visit(
    solver,
    transform.problem(instance),
    transformTape(instance, tape, transform.noise ?? transform.pair),
  );
  const allowed = allowances(instance, tape, original, transform.rounding);
  const farthest = Math.max(...original.map((at) => travelled(instance, at)));
  for (const [t, at] of original.entries()) {
    const expected = stacked(transform.pair(at));
    const what = `(X; Y) of the transformed problem after step ${t}`;
    yield atStep(t, showing(farthest, equal(what, stacked(image[t]!), expected, allowed[t]!)));
  }
}

/**
 * The allowed distances of the two paths at the start and after each step: `times` the rounding of doubles for our
 * transformation in doubles, plus the rounding of two plain runs at the solver's precision if that is coarser.
 */
function allowances(instance: Instance, tape: Float64Array, original: readonly Factors[], times: number): number[] {
  const { u: _, ...inDoubles } = instance;
  const along = (of: Instance): number[] => [...envelope(of, tape, original.slice(0, -1))];
  const [ours, coarse] = [along(inDoubles), conversion(instance)];
  const theirs = times === 0 || coarse === 0 ? undefined : along(instance);
  return original.map((at, t) => {
    const doubles = times * (ours[t]! + 8 * u * Math.sqrt(squaredSize(at)));
    return doubles + (theirs === undefined ? 0 : theirs[t]! + 2 * coarse * Math.sqrt(squaredSize(at)));
  });
}

/** The start and the iterate after each step. */
function visit(solver: Solver, instance: Instance, tape: Float64Array): Factors[] {
  const descent = solver(optionsOf(instance, scriptedNoise(tape)));
  return [...path(descent, instance.steps), iterate(descent)];
}

function transformTape(instance: Instance, tape: Float64Array, change: (pair: Factors) => Factors): Float64Array {
  const [d1, d2, r] = [instance.X0.length, instance.Y0.length, instance.X0[0]!.length];
  const blocks = Array.from({ length: instance.steps }, (_, t) => {
    const block = Array.from(tape.subarray(t * blockSize(instance), (t + 1) * blockSize(instance)));
    const changed = change({
      X: Matrix.from1DArray(d1, r, block.slice(0, d1 * r)),
      Y: Matrix.from1DArray(d2, r, block.slice(d1 * r)),
    });
    return [...changed.X.to1DArray(), ...changed.Y.to1DArray()];
  });
  return Float64Array.from(blocks.flat());
}

/** The reflection I - 2 v v' / v'v, orthogonal; the identity for v = 0. */
function reflection(v: Grid): Matrix {
  const column = matrix(v);
  const square = column.dot(column);
  const I = Matrix.eye(v.length);
  return square === 0 ? I : I.sub(column.mmul(column.transpose()).mul(2 / square));
}

/** A reflected product is off by about 4 d u of its size, each step has two of them, on noise and iterate: 4 d + 8 covers it. */
const REFLECTED = 64;

type Reflected = Instance & { v: Grid; w: Grid };

const base: Design<Instance> = { ...shortRuns([1, 2, 4, 16]), large: LARGE };

/** Reflections by vectors of the given lengths. */
const reflected = (ofV: 'r' | 'd1', ofW: 'r' | 'd2'): Design<Reflected> => ({
  ...base,
  grids: {
    ...base.grids,
    v: { shape: [ofV, 'one'], unit: 1 / 2, max: 2 },
    w: { shape: [ofW, 'one'], unit: 1 / 2, max: 2 },
  },
  complete: (draft) => ({ ...shortRun(draft), v: draft.grids['v']!, w: draft.grids['w']! }),
});

/** `noise`: the transformation of the noise (default: unchanged). */
const symmetry = <I extends Instance>(
  name: string,
  statement: string,
  formula: string,
  plan: Design<I>,
  transform: (instance: I) => Transform,
  noise: (pair: Factors) => Factors = (pair) => pair,
): Claim<I> => ({
  id: `symmetry/${name}`,
  statement,
  formula,
  kind: 'identity',
  needs: 'coupling',
  hypotheses: [
    dropping('the noise is transformed as well', (solver, instance) =>
      firstRefuted(equivariance(solver, instance, { ...transform(instance), noise })),
    ),
  ],
  bound: 'equality',
  source: 'our proof',
  proof: 'symmetries',
  items: ['5.1'],
  covers: USUAL,
  instances: design(plan),
  check: (solver, instance) => firstRefuted(equivariance(solver, instance, transform(instance))),
});

const withStart = (instance: Instance, { X, Y }: Factors): Instance => ({
  ...instance,
  X0: X.to2DArray(),
  Y0: Y.to2DArray(),
});

export const rotation = symmetry<Reflected>(
  'rotation',
  'Rotating both factors on the right by one orthogonal matrix rotates the whole path.',
  String.raw`(X_0Q, Y_0Q) \mapsto (X_tQ, Y_tQ),\quad Q'Q = I`,
  reflected('r', 'r'),
  (instance) => {
    const Q = reflection(instance.v).mmul(reflection(instance.w));
    const pair = ({ X, Y }: Factors): Factors => ({ X: X.mmul(Q), Y: Y.mmul(Q) });
    return { pair, problem: (original) => withStart(original, pair(startOf(original))), rounding: REFLECTED };
  },
);

export const bases = symmetry<Reflected>(
  'orthogonal-bases',
  'Changing the orthonormal bases of rows and columns of the target changes the factors with them, along the whole path.',
  String.raw`(PMT', PX_0, TY_0) \mapsto (PX_t, TY_t),\quad P'P = I,\ T'T = I`,
  moderate(reflected('d1', 'd2')),
  (instance) => {
    const [P, T] = [reflection(instance.v), reflection(instance.w)];
    const pair = ({ X, Y }: Factors): Factors => ({ X: P.mmul(X), Y: T.mmul(Y) });
    const turned = P.mmul(matrix(instance.M)).mmul(T.transpose()).to2DArray();
    return {
      pair,
      problem: (original) => ({ ...withStart(original, pair(startOf(original))), M: turned }),
      rounding: REFLECTED,
    };
  },
);

export const transpose = symmetry<Instance>(
  'transpose',
  'Transposing the target and exchanging the factors with their noise exchanges the paths.',
  String.raw`(M', Y_0, X_0, \sigma_2, \sigma_1) \mapsto (Y_t, X_t)`,
  base,
  (instance) => ({
    pair: ({ X, Y }) => ({ X: Y, Y: X }),
    problem: (original) => ({
      ...original,
      M: matrix(instance.M).transpose().to2DArray(),
      X0: original.Y0,
      Y0: original.X0,
      sigma1: original.sigma2,
      sigma2: original.sigma1,
    }),
    rounding: 1,
  }),
);

export const scaling = symmetry<Instance>(
  'scaling',
  'Four times the target, twice the start and the noise, a quarter of the step size: twice the path, bit for bit.',
  String.raw`(cM, \sqrt c X_0, \sqrt c Y_0, \sqrt c\sigma, \eta/c) \mapsto (\sqrt c X_t, \sqrt c Y_t),\quad c = 4`,
  base,
  () => ({
    pair: ({ X, Y }) => ({ X: Matrix.mul(X, 2), Y: Matrix.mul(Y, 2) }),
    noise: (pair) => pair,
    problem: (original) => ({
      ...withStart(original, { X: matrix(original.X0).mul(2), Y: matrix(original.Y0).mul(2) }),
      M: matrix(original.M).mul(4).to2DArray(),
      sigma1: 2 * original.sigma1,
      sigma2: 2 * original.sigma2,
      eta: original.eta / 4,
    }),
    // Powers of two commute with rounding.
    rounding: 0,
  }),
  // The scales grow with the problem; standard normals that grow too are another noise.
  ({ X, Y }) => ({ X: Matrix.mul(X, 2), Y: Matrix.mul(Y, 2) }),
);

type Stretched = Instance & { S: Grid };

export const objective = claim<Stretched>({
  id: 'symmetry/objective',
  statement:
    'The loss (not the descent) is the same at (XA, Y A^-T) for every invertible A: therefore it has infinitely many minima.',
  formula: String.raw`F(XA, YA^{-\top}) = F(X, Y),\quad A \in GL(r)`,
  kind: 'identity',
  needs: 'theory',
  source: 'Liu et al. 2021 (rotation and scaling invariance)',
  proof: 'symmetries',
  items: ['5.2'],
  instances: design<Stretched>({
    ...base,
    grids: { ...base.grids, S: { shape: ['r', 'r'], unit: 1, max: 2 } },
    complete: (draft) => ({ ...shortRun(draft), S: draft.grids['S']! }),
  }),
  check(_, instance) {
    const [target, { X, Y }] = [matrix(instance.M), startOf(instance)];
    const { A, inverseT } = stretching(instance);
    const stretched = { X: X.mmul(A), Y: Y.mmul(inverseT) };
    const size = (norm(stretched.X) * norm(stretched.Y) + norm(X) * norm(Y) + norm(target)) ** 2;
    const rounding = (target.rows * target.columns + 4 * A.rows + 8) * u * size;
    return equal('F(XA, Y A^-T)', loss(target, stretched), loss(target, { X, Y }), rounding, { A });
  },
});

/** A = (I + N) D with N strictly triangular and D of powers of two: A and its inverse are exact. */
function stretching({ S }: Stretched): { A: Matrix; inverseT: Matrix } {
  const D = S.map((row, k) => 2 ** row[k]!);
  const N = matrix(S.map((row, k) => row.map((entry, l) => (l > k ? entry : 0))));
  const I = Matrix.eye(D.length);
  // I - N + N^2 - ... ends with the power r - 1; its entries are whole numbers.
  let inverse = I;
  for (let power = 1; power < D.length; power++) inverse = Matrix.sub(I, N.mmul(inverse));
  const inverseD = Matrix.diag(D.map((entry) => 1 / entry));
  return { A: Matrix.add(I, N).mmul(Matrix.diag(D)), inverseT: inverseD.mmul(inverse).transpose() };
}

export const descentStretched = claim<Stretched>({
  id: 'symmetry/descent-stretched',
  statement: 'Gradient descent from (X_0 A, Y_0 A^-T) is (X_t A, Y_t A^-T), by the invariance of the loss.',
  formula: String.raw`(X_0A, Y_0A^{-\top}) \mapsto (X_tA, Y_tA^{-\top})`,
  kind: 'identity',
  needs: 'theory',
  source: 'folklore, false unless A is orthogonal',
  proof: 'symmetries',
  items: ['5.2'],
  expected: 'refuted',
  instances: design<Stretched>({
    ...plainRuns([1]),
    grids: { ...plainRuns([1]).grids, S: { shape: ['r', 'r'], unit: 1, max: 2 } },
    complete: (draft) => ({ ...shortRun(draft), S: draft.grids['S']! }),
  }),
  check(_, instance) {
    const { A, inverseT } = stretching(instance);
    const pair = ({ X, Y }: Factors): Factors => ({ X: X.mmul(A), Y: Y.mmul(inverseT) });
    const transform = {
      pair,
      problem: (original: Instance) => withStart(original, pair(startOf(original))),
      rounding: REFLECTED,
    };
    return firstRefuted(equivariance(referenceDescent, instance, transform));
  },
});
