/**
 * The numerical study: perturbed against plain gradient descent, as data. Settings are ours (fixtures/experiments/README.md).
 * The claims of properties/claims/experiments/experiments.ts rerun each of them around its settings.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Matrix } from 'ml-matrix';
import {
  gaussianNoise,
  imbalance,
  loss,
  norm,
  penalties,
  smoothedMinimiser,
  squaredNorm,
  type Descent,
  type Factors,
  type Penalties,
  type Solver,
} from '../../../src/index.ts';
import { SETTLE, AVERAGE, timeConstant } from '../../oracles/fluctuations.ts';
import { referenceDescent } from '../../oracles/reference-descent.ts';
import { descend, descendPlainly, matrix, startOf, type Grid, type Instance } from '../../model/instance.ts';
import { flowLimit } from '../../instances/rank-one.ts';
import { invariants, timeAverage } from '../../instances/trajectories.ts';

export type Start = Pick<Instance, 'X0' | 'Y0'>;

/** Descents of both kinds from each start; the perturbed one from start i has the seed `seed + i`. */
export interface Setting extends Omit<Instance, 'X0' | 'Y0'> {
  readonly starts: readonly Start[];
  /** Time averages are taken from this step on. */
  readonly burnIn: number;
}

/** Quantities that are recorded along a run. */
const quantities = {
  loss: (at: Factors, target: Matrix) => loss(target, at),
  /** |X'X - gamma^2 Y'Y|. */
  imbalance: (at: Factors, _: Matrix, { gamma }: Penalties) => norm(imbalance(at, gamma)),
  /**
   *  |X| / |Y|, which is gamma if the factors are gamma-balanced.
   */
  gamma: ({ X, Y }: Factors) => norm(X) / norm(Y),
  x: ({ X }: Factors) => X.get(0, 0),
  y: ({ Y }: Factors) => Y.get(0, 0),
} as const satisfies Record<string, (at: Factors, target: Matrix, penalty: Penalties) => number>;

type Quantity = keyof typeof quantities;

export interface Experiment {
  readonly name: string;
  /** The quantity that it shows. */
  readonly conclusion: string;
  readonly settings: Readonly<Record<string, Setting>>;
  /** The quantity that is recorded against the number of steps. */
  readonly follows: readonly Quantity[];
  readonly run: (solver: Solver) => readonly Table[];
}

/** Numbers in six digits, one row for each start or step; null if the theory predicts nothing. */
export interface Table {
  readonly setting: string;
  readonly shows: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (number | null)[])[];
}

function experiment(plan: Omit<Experiment, 'run'>): Experiment {
  const run = (solver: Solver): Table[] =>
    Object.entries(plan.settings).flatMap(([name, setting]) => [
      { setting: name, ...limits(solver, setting) },
      ...plan.follows.map((quantity) => ({ setting: name, ...followed(solver, setting, quantity) })),
    ]);
  return { ...plan, run };
}

/** The run of one of a setting's starts. */
export const runFrom = ({ starts, ...setting }: Setting, i: number): Instance & { burnIn: number } => ({
  ...setting,
  ...starts[i]!,
  seed: setting.seed + i,
});

/** The limits of both descents and their predictions: the plain one's last iterate, the perturbed one's time average. */
function limits(solver: Solver, setting: Setting): Omit<Table, 'setting'> {
  const target = matrix(setting.M);
  const columns = [
    'start',
    '|X0|^2',
    '|Y0|^2',
    ...['gd', 'gd predicted', 'perturbed', 'perturbed predicted'].flatMap(sizes),
  ];
  const rows = setting.starts.map((start, i) => {
    const run = runFrom(setting, i);
    const average = timeAverage(descend(solver, run), run, invariants);
    const best = smoothedMinimiser(target, start.X0[0]!.length, setting);
    const { X, Y } = startOf(start);
    return [
      i + 1,
      ...sizesOf({ X, Y }),
      ...sizesOf(plainEnd(solver, run)),
      ...(X.columns === 1 ? plainPrediction(target, { X, Y }) : [null, null]),
      average.XX.trace(),
      average.YY.trace(),
      ...sizesOf(best),
    ].map(sixDigits);
  });
  return { shows: 'where the descents end', columns, rows };
}

const sizes = (of: string): string[] => [`${of} |X|^2`, `${of} |Y|^2`];
const sizesOf = ({ X, Y }: Factors): number[] => [squaredNorm(X), squaredNorm(Y)];

export function plainEnd(solver: Solver, run: Instance): Factors {
  const descent = descendPlainly(solver, run);
  descent.advance(run.steps);
  return { X: descent.X, Y: descent.Y };
}

function plainPrediction(target: Matrix, start: Factors): number[] {
  const { a, b } = flowLimit(target, start);
  return [a * a, b * b];
}

const LOOKS = 200;

/** A quantity along both descents from all starts, sampled densely at first, while the loss falls. */
function followed(solver: Solver, setting: Setting, quantity: Quantity): Omit<Table, 'setting'> {
  const target = matrix(setting.M);
  const penalty = penalties(target, setting);
  const look = (at: Factors): number => quantities[quantity](at, target, penalty);
  const steps = [
    ...new Set(Array.from({ length: LOOKS }, (_, i) => Math.round(setting.steps * (i / (LOOKS - 1)) ** 2))),
  ];
  const runs = setting.starts.map((_, i) => runFrom(setting, i));
  const descents = [...runs.map((run) => descendPlainly(solver, run)), ...runs.map((run) => descend(solver, run))];
  const columns = ['gd', 'perturbed'].flatMap((kind) => setting.starts.map((_, i) => `${kind} ${i + 1}`));
  const paths = descents.map((descent) => along(descent, steps, look));
  const rows = steps.map((step, i) => [step, ...paths.map((path) => sixDigits(path[i]!))]);
  return { shows: `${quantity} after each number of steps`, columns: ['step', ...columns], rows };
}

/** The measurement after each of the numbers of steps. */
export function along<T>(descent: Descent, steps: readonly number[], look: (at: Factors) => T): T[] {
  return steps.map((step, i) => {
    descent.advance(step - (steps[i - 1] ?? 0));
    return look(descent);
  });
}

const sixDigits = <T extends number | null>(x: T): T => (x === null ? x : (Number(x.toPrecision(6)) as T));

/** Noise with this lambda and gamma, and the number of steps that the slowest time constant requires. */
function setting(M: Grid, starts: readonly Start[], eta: number, lambda: number, gamma = 1, seed = 1): Setting {
  const sigma1 = Math.sqrt((lambda * gamma) / M.length);
  const sigma2 = Math.sqrt(lambda / (gamma * M[0]!.length));
  const constant = timeConstant(matrix(M), { eta, sigma1, sigma2 });
  const [burnIn, steps] = [Math.ceil(SETTLE * constant), Math.ceil((SETTLE + AVERAGE) * constant)];
  return { M, starts, eta, sigma1, sigma2, burnIn, steps, seed };
}

/** Orthogonal columns of signs: singular vectors without rounding. */
const H = new Matrix([
  [1, 1, 1], [1, 1, -1], [-1, 1, 1], [-1, 1, -1], [1, -1, 1], [1, -1, -1], [-1, -1, 1], [-1, -1, -1],
]); // prettier-ignore
const G = new Matrix([[1, 1, 1], [-1, 1, -1], [1, -1, -1], [-1, -1, 1]]); // prettier-ignore

/** Sum of c_i h_i g_i', with singular values c_i |h_i| |g_i| = c_i sqrt 32. */
const target = (...c: number[]): Grid =>
  columns(H, c.length).mmul(Matrix.diag(c)).mmul(columns(G, c.length).transpose()).to2DArray();

const columns = (A: Matrix, count: number): Matrix => A.subMatrix(0, A.rows - 1, 0, count - 1);

/** 8 x 2, one singular value 1: h g' / 4 with h = h_1 and g = (1, -1)'. */
const [h, g] = [columns(H, 1), new Matrix([[1], [-1]])];
const thin = Matrix.mul(h.mmul(g.transpose()), 1 / 4).to2DArray();

/** The unit of starts, and the largest number of units by which an entry of a start is moved. */
export const JITTER = { unit: 1 / 16, most: 2 };

/** (a h, b g), each entry moved a little. With |a|, |b| >= 1/4 of one sign the start stays on that side of the saddle. */
export function thinStart([a, b]: readonly [number, number], dX: Matrix, dY: Matrix): Start {
  return { X0: Matrix.mul(h, a).add(dX).to2DArray(), Y0: Matrix.mul(g, b).add(dY).to2DArray() };
}

function jitter(rows: number, seed: string): Matrix {
  const normals = new Float64Array(rows);
  gaussianNoise(seed).fill(normals);
  const { unit, most } = JITTER;
  return Matrix.columnVector(Array.from(normals, (z) => unit * Math.max(-most, Math.min(most, Math.round(z)))));
}

export const THIN_SIZES: readonly (readonly [number, number])[] = [
  [3 / 4, 1 / 4],
  [1 / 4, 3 / 2],
  [1 / 2, 1 / 2],
  [-5 / 8, -3 / 8],
  [1 / 2, 1 / 4],
  [-3 / 8, -3 / 4],
  [1 / 4, 1],
  [-1 / 4, -5 / 4],
];

const thinStarts = THIN_SIZES.map((size, i) => thinStart(size, jitter(8, `x ${i}`), jitter(2, `y ${i}`)));

/** Rounded Gaussian entries of size `ofX` and `ofY`. */
function scattered(d1: number, d2: number, r: number, [ofX, ofY]: readonly [number, number], seed: string): Start {
  const noise = gaussianNoise(seed);
  const grid = (rows: number, size: number): Grid => {
    const normals = new Float64Array(rows * r);
    noise.fill(normals);
    return Matrix.from1DArray(
      rows,
      r,
      normals.map((z) => Math.round(16 * size * z) / 16),
    ).to2DArray();
  };
  return { X0: grid(d1, ofX), Y0: grid(d2, ofY) };
}

export const LEANS: readonly (readonly [number, number])[] = [
  [1 / 2, 1 / 2],
  [3 / 4, 1 / 4],
  [1 / 8, 1],
];
const scatteredStarts = (r: number): Start[] => LEANS.map((lean, i) => scattered(8, 4, r, lean, `${r}/${i}`));

export const POINTS: readonly (readonly [number, number])[] = [
  [2, 1 / 4],
  [1 / 4, 2],
  [-3 / 2, -1 / 2],
  [1 / 4, 1 / 4],
  [3 / 2, 3 / 2],
  [-1 / 2, -7 / 4],
];

export const GAMMAS = [1, 2, 1 / 2, 4, 1 / 4] as const;

export const starts = {
  name: 'starts',
  conclusion:
    'Plain descent converges to a minimum that depends on its start; perturbed descent converges to the same neighbourhood from all starts.',
  settings: { '8 x 2': setting(thin, thinStarts, 1 / 16, 1 / 8) },
  follows: ['loss', 'imbalance'],
} as const;

export const gammas = {
  name: 'gammas',
  conclusion: 'The ratio of the two noises sets the balance of the limit: |X|/|Y| tends to gamma.',
  settings: Object.fromEntries(
    GAMMAS.map((gamma, i) => [`gamma ${gamma}`, setting(thin, thinStarts.slice(0, 2), 1 / 32, 1 / 8, gamma, 100 * i)]),
  ),
  follows: ['gamma'],
} as const;

export const ranks = {
  name: 'ranks',
  conclusion: 'The same holds for factors of rank 1 and 3.',
  settings: {
    'rank 1': setting(target(3 / 8), scatteredStarts(1), 1 / 32, 1 / 8),
    'rank 3': setting(target(3 / 8, 5 / 16, 1 / 4), scatteredStarts(3), 1 / 32, 1 / 8),
  },
  follows: ['loss', 'imbalance'],
} as const;

export const hyperbola = {
  name: 'hyperbola',
  conclusion:
    'On f(x, y) = (1 - xy)^2 / 2 plain descent stops where it meets the hyperbola xy = 1, and perturbed descent continues along it to near x = y.',
  settings: {
    '1 x 1': setting(
      [[1]],
      POINTS.map(([x, y]) => ({ X0: [[x]], Y0: [[y]] })),
      1 / 32,
      1 / 16,
    ),
  },
  follows: ['x', 'y'],
} as const;

export const experiments: readonly Experiment[] = [starts, gammas, ranks, hyperbola].map(experiment);

/** Runs all experiments on the reference descent and writes a JSON file for each; returns the files' names. */
export function writeExperiments(folder: string): string[] {
  return experiments.map(({ name, conclusion, settings, run }) => {
    const file = join(folder, `${name}.json`);
    writeFileSync(file, `${asJson({ name, conclusion, settings, tables: run(referenceDescent) })}\n`);
    return file;
  });
}

/** JSON with one line for each entry and for each row of a table. */
function asJson({
  tables,
  ...rest
}: Pick<Experiment, 'name' | 'conclusion' | 'settings'> & { tables: readonly Table[] }): string {
  const lines = (open: string, all: readonly string[], close: string): string =>
    `${open}\n${all.join(',\n')}\n${close}`;
  const head = Object.entries(rest).map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`);
  const written = tables.map(({ rows, ...about }) =>
    lines(
      `${JSON.stringify(about).slice(0, -1)},"rows":[`,
      rows.map((row) => JSON.stringify(row)),
      ']}',
    ),
  );
  return lines('{', [...head, lines('"tables": [', written, ']')], '}');
}
