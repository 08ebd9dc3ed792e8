/**
 * The limit of the optimiser: three long runs, two from one start and one from another. The Gram matrices are averages
 * over time, after the settling time of perturbed descent.
 */
import { Matrix } from 'ml-matrix';
import { norm, singularValues, type Solver } from '../../src/index.ts';
import { referenceDescent } from '../oracles/reference-descent.ts';
import type { Experiment, QuantityDesign, Values } from './experiment.ts';
import { average, begin, gramsOf, unlessDiverged, type Grams } from './lab.ts';
import { horizon } from './balance.ts';
import { AVERAGE, type Problem } from './problems.ts';
import { anywhere, uniform } from './starts.ts';
import { limitTheory } from './theory.ts';

/** In time constants of perturbed descent: until the averages begin. */
export const SETTLE = 8;
const LOOKS = 64;

/** The least of all minima: of the largest eigenvalue, of the trace, and of |X|^2 + |Y|^2. */
const least = ({ target, values }: Problem): Record<'sharpness' | 'trace' | 'norms', number> => ({
  sharpness: 2 * values[0]!,
  trace: 2 * Math.sqrt(target.rows * target.columns) * sum(values),
  norms: 2 * sum(values),
});

/** The trace of the Hessian at a minimum (docs/theory/flatness.md#flatness). */
const traceOf = ({ XX, YY }: Grams, { rows, columns }: Matrix): number => columns * XX.trace() + rows * YY.trace();

const median = (id: string, text: string, resolution: number, relative = false): QuantityDesign => ({
  id,
  text,
  kind: 'median',
  resolution,
  relative,
  theory: (problem) => limitTheory(problem)[id] ?? {},
});

/** Those of the singular values that factors of the rank can fit. */
const shrinkages = ({ rank }: Problem): QuantityDesign[] =>
  Array.from({ length: rank }, (_, i) =>
    median(`limit/shrinkage-${i + 1}`, `shrinkage of s_${i + 1}, in lambda`, 1 / 2),
  );

export const limitQuantities = (problem: Problem): readonly QuantityDesign[] => [
  { ...median('stability/diverged', 'runs that diverge', 1 / 2), kind: 'share' },
  median('balance/gamma', '|X| / |Y| at the end', 1, true),
  { ...median('memory/further', 'another start ends further away', 1 / 2), kind: 'share' },
  median('memory/between', 'distance of limits, two starts', 2, true),
  median('memory/within', 'distance of limits, one start', 2, true),
  ...shrinkages(problem),
  median('limit/distance', "distance of XY' from M", 1 / 4),
  median('limit/rank', 'rank of the limit', 1 / 2),
  median('flatness/sharpness', 'largest eigenvalue / least', 1, true),
  median('flatness/trace', 'trace / least', 1, true),
  median('flatness/noisy', 'loss added by noise / least', 1, true),
  median('flatness/to-gd', "largest eigenvalue / GD's", 1, true),
  median('flatness/trace-to-gd', "trace / GD's", 1, true),
];

export const limits: Experiment = {
  name: 'limits',
  on: () => true,
  quantities: limitQuantities,
  steps: (problem) => 3 * (SETTLE + AVERAGE) * horizon(problem),
  unit(solver, problem, key) {
    const [one, again, other] = [
      ['one', 'first'],
      ['one', 'second'],
      ['other', 'third'],
    ].map(([start, noise]) => unlessDiverged(() => limit(solver, problem, `${key}/${start}`, `${key}/${noise}`)));
    return { ...values(one, problem, `${key}/one`), ...memory(one, again, other, key) };
  },
};

export function limit(solver: Solver, problem: Problem, start: string, noise: string): Grams {
  const time = horizon(problem);
  const run = begin(solver, problem, anywhere(problem, start), noise);
  run.advance(SETTLE * time);
  return average(run, AVERAGE * time, Math.max(1, Math.round((AVERAGE * time) / LOOKS)));
}

function values(found: Grams | undefined, problem: Problem, start: string): Values {
  if (found === undefined) return { ...unknown(problem), 'stability/diverged': 1 };
  const { XX, YY, XY } = found;
  const { target, values: s, rank, lambda } = problem;
  const singular = singularValues(XY);
  const [sharpness, ofGd] = [sharpnessOf(found), gdLimit(problem, start)];
  return {
    'stability/diverged': 0,
    'balance/gamma': Math.sqrt(XX.trace() / YY.trace()),
    ...Object.fromEntries(
      s.slice(0, rank).map((value, i) => [`limit/shrinkage-${i + 1}`, (value - singular[i]!) / lambda]),
    ),
    'limit/distance': norm(Matrix.sub(XY, best(problem))) / Math.hypot(...s),
    'limit/rank': singular.slice(0, rank).filter((value) => value > RANK * s[0]!).length,
    'flatness/sharpness': sharpness / least(problem).sharpness,
    'flatness/trace': traceOf(found, target) / least(problem).trace,
    // Noise of the problem's scales adds lambda (|X|^2 + |Y|^2) / 2 and a constant (docs/theory/noise.md#smoothing).
    'flatness/noisy': (XX.trace() + YY.trace()) / least(problem).norms,
    'flatness/to-gd': sharpness / sharpnessOf(ofGd),
    'flatness/trace-to-gd': traceOf(found, target) / traceOf(ofGd, target),
  };
}

/** A singular value below this share of s_1 counts as 0. */
const RANK = 1 / 100;

const unknown = (problem: Problem): Values => Object.fromEntries(limitQuantities(problem).map(({ id }) => [id, NaN]));

/** The limit of gradient descent from the same start. */
function gdLimit(problem: Problem, start: string): Grams {
  const { target, stepSize } = problem;
  const run = referenceDescent({ target, start: anywhere(problem, start), stepSize });
  run.advance(SETTLE * horizon(problem));
  return gramsOf(run);
}

/** sigma_1(X)^2 + sigma_1(Y)^2: the largest eigenvalue of the Hessian at a minimum (docs/theory/flatness.md#flatness). */
const sharpnessOf = ({ XX, YY }: Grams): number => largest(XX) + largest(YY);

/** The largest eigenvalue of a positive semidefinite matrix; of a large one by the power method. */
function largest(A: Matrix): number {
  if (A.rows <= SMALL) return singularValues(A)[0]!;
  let v = Matrix.columnVector(A.to2DArray().map((row, i) => Math.sqrt(row[i]!)));
  for (let i = 0; i < POWERS; i++) {
    const next = A.mmul(v);
    if (norm(next) === 0) return 0;
    v = next.div(norm(next));
  }
  return norm(A.mmul(v));
}

/** From this size on powers are faster than a decomposition. */
const [SMALL, POWERS] = [16, 64];

/** The best approximation of M of rank r. */
function best({ svd: { U, V }, values: s, rank }: Problem): Matrix {
  const first = (A: Matrix): Matrix => A.subMatrix(0, A.rows - 1, 0, rank - 1);
  return first(U)
    .mmul(Matrix.diag([...s], rank, rank))
    .mmul(first(V).transpose());
}

function memory(one: Grams | undefined, again: Grams | undefined, other: Grams | undefined, key: string): Values {
  if (one === undefined || again === undefined || other === undefined) {
    return { 'memory/further': NaN, 'memory/between': NaN, 'memory/within': NaN };
  }
  const [within, between] = [distance(one, again), distance(one, other)];
  // Of two that are equal up to rounding neither is further: a coin decides.
  const tied = Math.abs(between - within) < ROUNDING;
  const further = tied ? Number(uniform(0, 1, `${key}/coin`) < 1 / 2) : Number(between > within);
  return { 'memory/further': further, 'memory/between': between, 'memory/within': within };
}

const ROUNDING = 1e-9;
/** Relative to the sizes of the Gram matrices. */
function distance(a: Grams, b: Grams): number {
  const apart = Math.hypot(norm(Matrix.sub(a.XX, b.XX)), norm(Matrix.sub(a.YY, b.YY)));
  return apart / ((size(a) + size(b)) / 2);
}

const size = ({ XX, YY }: Grams): number => Math.hypot(norm(XX), norm(YY));
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
