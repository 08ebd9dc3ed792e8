/**
 * Wrong ways to take a step. Each is a formula for the next iterate from where the solver was, with at most two unknown
 * numbers, so that it can be held against what a wrong solver did. The claims know nothing of these: they only help to say
 * what is wrong with a solver that was refuted.
 */
import { Matrix } from 'ml-matrix';
import { gradient, residual, smoothedGradient, type Factors } from '../../src/index.ts';
import { pairDistance, perturb } from '../oracles/formula.ts';
import { DOUBLE, roundingTo, roundoffNamed } from '../model/precision.ts';
import type { Step } from './recording.ts';

export interface Misreading {
  /** Completes "it is"; `p` are the unknown numbers in words. */
  readonly text: (p: readonly string[], step: Step) => string;
  /** The next iterate; undefined where the misreading makes no difference or no sense. */
  readonly next: (step: Step, p: readonly number[]) => Factors | undefined;
  /** What the unknown numbers are in a right step. */
  readonly unknown?: readonly number[];
  /** What to do about it, in a sentence. */
  readonly advice?: string;
  /** It looks at where the solver went, so that no solver can be made of it. */
  readonly looks?: true;
}

const plus = (a: Factors, b: Factors, scale = 1): Factors => ({
  X: Matrix.add(a.X, Matrix.mul(b.X, scale)),
  Y: Matrix.add(a.Y, Matrix.mul(b.Y, scale)),
});
const times = ({ X, Y }: Factors, c1: number, c2 = c1): Factors => ({ X: Matrix.mul(X, c1), Y: Matrix.mul(Y, c2) });

/** Standard normals of this step or another as blocks of the shapes of X and Y, row by row; sigma1 xi1 and sigma2 xi2. */
const normals = ({ at, block }: Step, numbers = block): Factors =>
  perturb(times(at, 0), { sigma1: 1, sigma2: 1 }, numbers);
const noise = (step: Step, numbers = step.block): Factors => perturb(times(step.at, 0), step, numbers);

/** From `at` along the gradient at `at` plus a perturbation: the right step, for the right perturbation. */
const along = ({ target, eta, at }: Step, perturbation: Factors): Factors =>
  plus(at, gradient(target, plus(at, perturbation)), -eta);

const noisy = ({ sigma1, sigma2 }: Step): boolean => sigma1 > 0 || sigma2 > 0;
const always = (text: string) => (): string => text;

/** A step along the gradient at another perturbation. */
const perturbedBy = (text: string, perturbation: (step: Step) => Factors): Misreading => ({
  text: always(text),
  next: (step) => (noisy(step) ? along(step, perturbation(step)) : undefined),
});

/** A step along something else than the gradient at the perturbed point. */
const movedBy = (text: string, slope: (step: Step, perturbed: Factors) => Factors | undefined): Misreading => ({
  text: always(text),
  next: (step) => {
    const along = slope(step, plus(step.at, noise(step)));
    return along && plus(step.at, along, -step.eta);
  },
});

const NOISE: readonly Misreading[] = [
  perturbedBy('plain gradient descent: the gradient at (X, Y) itself, without noise', (s) => times(noise(s), 0)),
  perturbedBy('the step with noise on X only: xi2 never reaches Y', (s) => times(noise(s), 1, 0)),
  perturbedBy('the step with noise on Y only: xi1 never reaches X', (s) => times(noise(s), 0, 1)),
  perturbedBy('the step with sigma1 for both factors', (s) => times(normals(s), s.sigma1)),
  perturbedBy('the step with sigma2 for both factors', (s) => times(normals(s), s.sigma2)),
  perturbedBy('the step with sigma1 and sigma2 swapped', (s) => times(normals(s), s.sigma2, s.sigma1)),
  perturbedBy(
    'the step whose noise has variance sigma, not sigma^2: standard deviations sqrt(sigma1), sqrt(sigma2)',
    (s) => times(normals(s), Math.sqrt(s.sigma1), Math.sqrt(s.sigma2)),
  ),
  perturbedBy('the step whose noise has standard deviation sigma^2, not sigma', (s) =>
    times(normals(s), s.sigma1 ** 2, s.sigma2 ** 2),
  ),
  perturbedBy('the step with the noise of the first step again: it is drawn once, not in every step', (s) =>
    noise(s, s.first),
  ),
  perturbedBy('the step with the noise of the step before', (s) => noise(s, s.earlier)),
  perturbedBy('the step with minus the noise of the step before', (s) => times(noise(s, s.earlier), -1)),
  perturbedBy('the step whose noise is drawn for Y first, then for X', (s) => noise(s, yFirst(s))),
  perturbedBy('the step whose noise is dealt out column by column, not row by row', (s) => noise(s, byColumns(s))),
  perturbedBy('the step with noise relative to the entries: each is perturbed by xi times itself', (s) => ({
    X: Matrix.mul(noise(s).X, s.at.X),
    Y: Matrix.mul(noise(s).Y, s.at.Y),
  })),
  perturbedBy("the step in which Y is perturbed by X's random numbers again: xi1 and xi2 are not independent", (s) => ({
    X: noise(s).X,
    Y: rows(s.at.Y.rows, (i) => normals(s).X.getRow(i % s.at.X.rows)).mul(s.sigma2),
  })),
  perturbedBy('the step in which all rows of a factor are perturbed alike, by the numbers of the first row', (s) => ({
    X: rows(s.at.X.rows, () => noise(s).X.getRow(0)),
    Y: rows(s.at.Y.rows, () => noise(s).Y.getRow(0)),
  })),
];

const yFirst = ({ at, block }: Step): Float64Array => {
  const ofY = at.Y.rows * at.Y.columns;
  return Float64Array.from([...block.subarray(ofY), ...block.subarray(0, ofY)]);
};

function byColumns({ at: { X, Y }, block }: Step): Float64Array {
  const across = ({ rows, columns }: Matrix, part: Float64Array): number[] =>
    Matrix.from1DArray(columns, rows, part).transpose().to1DArray();
  const ofX = X.rows * X.columns;
  return Float64Array.from([...across(X, block.subarray(0, ofX)), ...across(Y, block.subarray(ofX))]);
}

const rows = (count: number, row: (i: number) => number[]): Matrix =>
  new Matrix(Array.from({ length: count }, (_, i) => row(i)));

const FORMULA: readonly Misreading[] = [
  movedBy('no step at all: (X, Y) stays where it is', ({ at }) => times(at, 0)),
  movedBy(
    "(R~ Y, R~'X): the noise is in the residual only, and (X, Y) that it multiplies is unperturbed",
    ({ target, at }, perturbed) => slope(residual(target, perturbed), at),
  ),
  movedBy("(R Y~, R'X~): the noise is not in the residual", ({ target, at }, perturbed) =>
    slope(residual(target, at), perturbed),
  ),
  movedBy(
    "each factor's gradient with noise on the other one only: X's at (X, Y~) and Y's at (X~, Y)",
    ({ target, at }, { X, Y }) => ({
      X: gradient(target, { X: at.X, Y }).X,
      Y: gradient(target, { X, Y: at.Y }).Y,
    }),
  ),
  movedBy("R~ where the gradient of Y has R~': the residual is not transposed", ({ target }, { X, Y }) => {
    const R = residual(target, { X, Y });
    return R.isSquare() ? { X: R.mmul(Y), Y: R.mmul(X) } : undefined;
  }),
  movedBy("the step that forgets M: (X~Y~') Y~ and (X~Y~')' X~", ({ target }, perturbed) =>
    gradient(Matrix.mul(target, 0), perturbed),
  ),
  movedBy('the step with + M where the residual has - M', ({ target }, perturbed) =>
    gradient(Matrix.mul(target, -1), perturbed),
  ),
  movedBy(
    "the mean step, (R Y + alpha X, R'X + beta Y): the average over the noise, without any noise",
    ({ target, at, ...scales }) => smoothedGradient(target, at, scales),
  ),
  {
    text: always("an alternating step: Y's gradient already uses the new X"),
    next: (s) => {
      const { X } = s.right;
      return { X, Y: along({ ...s, at: { X, Y: s.at.Y } }, noise(s)).Y };
    },
  },
  {
    text: always("an alternating step: X's gradient already uses the new Y"),
    next: (s) => {
      const { Y } = s.right;
      return { X: along({ ...s, at: { X: s.at.X, Y } }, noise(s)).X, Y };
    },
  },
  movedBy(
    '2 / (d1 d2) times the right step: the mean of the squared residuals is minimised, not half their sum',
    scaledBy(({ target }) => 2 / (target.rows * target.columns)),
  ),
  movedBy(
    '1 / (d1 d2) times the right step: half the mean of the squared residuals is minimised, not half their sum',
    scaledBy(({ target }) => 1 / (target.rows * target.columns)),
  ),
  movedBy(
    '2 times the right step: the sum of the squared residuals is minimised, without the half',
    scaledBy(() => 2),
  ),
  movedBy(
    'sigma1 times the right step: the gradient is multiplied by the scale of the noise',
    scaledBy(({ sigma1 }) => sigma1),
  ),
  movedBy(
    'the right step divided by sigma1: the gradient is divided by the scale of the noise',
    scaledBy(({ sigma1 }) => 1 / sigma1),
  ),
  movedBy(
    'eta times the right step: the step size is squared',
    scaledBy(({ eta }) => eta),
  ),
  movedBy(
    'the step that leaves the last column of M out for X, and the last row of M for Y: a loop ends too early',
    ({ target }, perturbed) => without(target, perturbed, -1),
  ),
  movedBy(
    'the step that leaves the first column of M out for X, and the first row of M for Y: a loop begins too late',
    ({ target }, perturbed) => without(target, perturbed, 0),
  ),
  {
    text: always('the step in which X moves along its gradient at the Y~ of the step before'),
    next: (s) => stale(s, 'X'),
  },
  {
    text: always('the step in which Y moves along its gradient at the X~ of the step before'),
    next: (s) => stale(s, 'Y'),
  },
  {
    text: always('Anti-PGD: a plain gradient step, and then the noise of this step minus that of the step before'),
    next: (s) => {
      const plain = along(s, times(noise(s), 0));
      const isFirst = s.before === s.at;
      return noisy(s) ? plus(plus(plain, noise(s)), isFirst ? times(noise(s), 0) : noise(s, s.earlier), -1) : undefined;
    },
  },
  {
    text: always('two steps where one was asked for'),
    next: (s) => s.second && along({ ...s, at: s.right }, noise(s, s.second)),
  },
  {
    text: always('the step along the gradient of the iterate before: it is one step late'),
    next: (s) => plus(s.at, gradient(s.target, plus(s.before, noise(s))), -s.eta),
  },
  {
    text: always('the step that starts at the perturbed point: (X~, Y~) moves, where (X, Y) should'),
    next: (s) => (noisy(s) ? plus(s.right, noise(s)) : undefined),
  },
  roundedTo('float32', 'single precision (24 bits)'),
  roundedTo('float16', 'half precision (11 bits)'),
  roundedTo('bfloat16', 'bfloat16 (8 bits)'),
  {
    text: (_, s) => `the right step, except that ${still(s)} not move`,
    looks: true,
    next: ({ at, to, right }) => {
      const kept = (name: 'X' | 'Y'): Matrix =>
        new Matrix(
          right[name]
            .to2DArray()
            .map((row, i) =>
              row.map((entry, j) => (to[name].get(i, j) === at[name].get(i, j) ? at[name].get(i, j) : entry)),
            ),
        );
      return { X: kept('X'), Y: kept('Y') };
    },
  },
];

/** The slopes where a column of M is 0 for X, and a row for Y. */
function without(target: Matrix, perturbed: Factors, which: 0 | -1): Factors | undefined {
  const [i, j] = which === 0 ? [0, 0] : [target.rows - 1, target.columns - 1];
  const [ofX, ofY] = [target.clone().mulColumn(j, 0), target.clone().mulRow(i, 0)];
  return { X: gradient(ofX, perturbed).X, Y: gradient(ofY, perturbed).Y };
}

/** The right step, except that a factor moves along its gradient at what the other one was in the step before. */
function stale(s: Step, name: 'X' | 'Y'): Factors | undefined {
  // Before the first step there was nothing, along which a factor does not move.
  if (s.before === s.at) return { ...s.right, [name]: s.at[name] };
  const [now, then] = [plus(s.at, noise(s)), plus(s.before, noise(s, s.earlier))];
  const seen = name === 'X' ? { X: now.X, Y: then.Y } : { X: then.X, Y: now.Y };
  return { ...s.right, [name]: Matrix.add(s.at[name], gradient(s.target, seen)[name].mul(-s.eta)) };
}

/** The right slope times a factor, where there is noise if the factor is made of it. */
function scaledBy(factor: (step: Step) => number): (step: Step, perturbed: Factors) => Factors | undefined {
  return (step, perturbed) => {
    const c = factor(step);
    return Number.isFinite(c) && c > 0 ? times(gradient(step.target, perturbed), c) : undefined;
  };
}

/** The right step, within the rounding of a coarser format than the solver declares, whose numbers it gave. */
function roundedTo(format: string, text: string): Misreading {
  const roundoff = roundoffNamed(format)!;
  const round = roundingTo(roundoff);
  return {
    text: always(`the right step, rounded to ${text}`),
    advice: `If that is what it is to do, declare it: --precision ${format}, or export const precision = '${format}'.`,
    looks: true,
    next: ({ at, to, right, u = DOUBLE }) => {
      const isOfFormat = [to.X, to.Y].every((A) => A.to1DArray().every((entry) => entry === round(entry)));
      // A faithful step rounds by one or two units of its size, in practice.
      const size = [at.X, at.Y, right.X, right.Y].reduce((sum, A) => sum + A.norm(), 0);
      const isNear = pairDistance(to, right) <= 8 * roundoff * size;
      return roundoff > u && isOfFormat && isNear ? to : undefined;
    },
  };
}

const slope = (R: Matrix, { X, Y }: Factors): Factors => ({ X: R.mmul(Y), Y: R.transpose().mmul(X) });

/** Which entries stay where they should move: "row 2 of 3 of X and column 1 of 2 of Y do". */
function still({ at, to, right }: Step): string {
  const parts = (['X', 'Y'] as const).flatMap((name) => {
    const [A, B, C] = [at, to, right].map((factors) => factors[name].to2DArray());
    // Of an entry that should stay nothing can be said.
    const stays = A!.map((row, i) => row.map((entry, j) => (entry === C![i]![j] ? undefined : entry === B![i]![j])));
    const columns = stays[0]!.map((_, j) => stays.map((row) => row[j]));
    const whole = (lines: readonly (readonly (boolean | undefined)[])[]): number[] =>
      lines.flatMap((line, i) => (line.includes(true) && !line.includes(false) ? [i + 1] : []));
    const [ofRows, ofColumns] = [whole(stays), whole(columns)];
    if (ofRows.length === stays.length) return [name];
    const lines = [
      ...ofRows.map((i) => `row ${i} of ${stays.length} of ${name}`),
      ...(ofRows.length > 0 ? [] : ofColumns.map((j) => `column ${j} of ${columns.length} of ${name}`)),
    ];
    return lines.length > 0 || !stays.flat().includes(true) ? lines : [`some entries of ${name}`];
  });
  return `${parts.join(' and ')} ${parts.length === 1 && !parts[0]!.startsWith('some') ? 'does' : 'do'}`;
}

const FITTED: readonly Misreading[] = [
  {
    text: ([c]) =>
      `sharpness-aware minimisation (SAM): no noise, but the gradient at the point that lies ${c} further along the gradient`,
    next: (s, [c]) => {
      const uphill = gradient(s.target, s.at);
      const length = Math.hypot(uphill.X.norm(), uphill.Y.norm());
      return length > 0 ? along(s, times(uphill, c! / length)) : undefined;
    },
    unknown: [0.05],
  },
  {
    text: ([c]) => `${c} times the right step: its direction is right, its length is not`,
    next: (s, [c]) => plus(times(s.at, 1 - c!), s.right, c),
    unknown: [1],
  },
  {
    text: ([c]) => `the step with noise ${c} times as large as asked for`,
    next: (s, [c]) => (noisy(s) ? along(s, times(noise(s), c!)) : undefined),
    unknown: [1],
  },
  {
    text: ([c]) => `the right step plus ${c} times the step before: momentum`,
    next: (s, [c]) => plus(s.right, plus(s.at, s.before, -1), c),
    unknown: [0],
  },
  ...(['eta', 'sqrt(eta)'] as const).map((unit): Misreading => ({
    text: ([c]) => `a plain gradient step, and then ${c === '1' ? '' : `${c} `}${unit} times the noise added to (X, Y)`,
    next: (s, [c]) => {
      const plain = along(s, times(noise(s), 0));
      return noisy(s) ? plus(plain, noise(s), c! * (unit === 'eta' ? s.eta : Math.sqrt(s.eta))) : undefined;
    },
    unknown: [0],
  })),
  {
    text: ([c]) =>
      `the right step cut to a length of ${c === '1' ? '' : `${c} `}eta: its direction is right, and it is clipped`,
    next: (s, [c]) => {
      const step = plus(s.right, s.at, -1);
      return plus(s.at, step, (c! * s.eta) / Math.hypot(step.X.norm(), step.Y.norm()));
    },
    unknown: [1],
  },
  {
    text: ([c]) => `the right step, and then X times ${c} and Y divided by it: the factors are rescaled`,
    next: (s, [c]) => times(s.right, c!, 1 / c!),
    unknown: [1],
  },
  {
    text: ([c]) => `the right step, and then the factors times ${c}`,
    next: (s, [c]) => times(s.right, c!),
    unknown: [1],
  },
  {
    text: ([c]) => `the step whose noise has the mean ${c} sigma, not 0`,
    next: (s, [c]) =>
      noisy(s)
        ? along(
            s,
            noise(
              s,
              s.block.map((xi) => xi + c!),
            ),
          )
        : undefined,
    unknown: [0],
  },
  {
    text: ([c1, c2]) => `the step with noise ${c1} times as large as asked for on X, and ${c2} times on Y`,
    next: (s, [c1, c2]) => (noisy(s) ? along(s, times(noise(s), c1!, c2)) : undefined),
    unknown: [1, 1],
  },
  {
    text: ([c1, c2]) => `${c1} times the right step for X, and ${c2} times the right step for Y`,
    next: (s, [c1, c2]) => plus(times(s.at, 1 - c1!, 1 - c2!), times(s.right, c1!, c2)),
    unknown: [1, 1],
  },
  {
    text: ([c1, c2]) => `the right step, and then X times ${c1} and Y times ${c2}`,
    next: (s, [c1, c2]) => times(s.right, c1!, c2),
    unknown: [1, 1],
  },
];

/** The simplest first. */
export const misreadings: readonly Misreading[] = [...NOISE, ...FORMULA, ...FITTED];
