/** Misreadings of the formula of a step. */
import { Matrix } from 'ml-matrix';
import { gradient, norm, residual, smoothedGradient, type Factors } from '../../src/index.ts';
import { pairDistance } from '../oracles/formula.ts';
import { DOUBLE, roundingTo, roundoffNamed } from '../model/precision.ts';
import { isMet, type Step } from './recording.ts';
import { plus, times, noise, along, noisy, always, movedBy, type Misreading } from './misreading.ts';

export const FORMULA: readonly Misreading[] = [
  movedBy('no step at all: (X, Y) does not move', ({ at }) => times(at, 0)),
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
  movedBy("R~ in place of R~' in the gradient of Y: the residual is not transposed", ({ target }, { X, Y }) => {
    const R = residual(target, { X, Y });
    return R.isSquare() ? { X: R.mmul(Y), Y: R.mmul(X) } : undefined;
  }),
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
    '2 / (d1 d2) times the correct step: the mean of the squared residuals is minimised, not half their sum',
    scaledBy(({ target }) => 2 / (target.rows * target.columns)),
  ),
  movedBy(
    '1 / (d1 d2) times the correct step: half the mean of the squared residuals is minimised, not half their sum',
    scaledBy(({ target }) => 1 / (target.rows * target.columns)),
  ),
  movedBy(
    '2 times the correct step: the sum of the squared residuals is minimised, without the half',
    scaledBy(() => 2),
  ),
  movedBy(
    'sigma1 times the correct step: the gradient is multiplied by the scale of the noise',
    scaledBy(({ sigma1 }) => sigma1),
  ),
  movedBy(
    'the correct step divided by sigma1: the gradient is divided by the scale of the noise',
    scaledBy(({ sigma1 }) => 1 / sigma1),
  ),
  movedBy(
    'eta times the correct step: the step size is squared',
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
    text: always('two steps instead of one'),
    next: (s) => s.second && along({ ...s, at: s.right }, noise(s, s.second)),
  },
  {
    text: always('the step along the gradient of the iterate before: it is one step late'),
    next: (s) => plus(s.at, gradient(s.target, plus(s.before, noise(s))), -s.eta),
  },
  {
    text: always('the step that starts at the perturbed point: (X~, Y~) moves instead of (X, Y)'),
    next: (s) => (noisy(s) ? plus(s.right, noise(s)) : undefined),
  },
  {
    text: always(
      'plain gradient steps, and now and then one from an iterate to which the noise was added before (perturbed gradient descent as Jin et al. have it)',
    ),
    looks: true,
    next: (s) => {
      if (!noisy(s)) return undefined;
      const plain = along(s, times(noise(s), 0));
      return isMet(s, plain) ? plain : plus(s.right, noise(s));
    },
  },
  roundedTo('float32', 'single precision (24 bits)'),
  roundedTo('float16', 'half precision (11 bits)'),
  roundedTo('bfloat16', 'bfloat16 (8 bits)'),
  {
    text: (_, s) => `the correct step, except that ${still(s)} not move`,
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

/** The slopes with a column of M set to 0 for X, and a row for Y. */
function without(target: Matrix, perturbed: Factors, which: 0 | -1): Factors | undefined {
  const [i, j] = which === 0 ? [0, 0] : [target.rows - 1, target.columns - 1];
  const [ofX, ofY] = [target.clone().mulColumn(j, 0), target.clone().mulRow(i, 0)];
  return { X: gradient(ofX, perturbed).X, Y: gradient(ofY, perturbed).Y };
}

/** The correct step, except that one factor's gradient uses the other factor of the step before. */
function stale(s: Step, name: 'X' | 'Y'): Factors | undefined {
  // Before the first step there was nothing, along which a factor does not move.
  if (s.before === s.at) return { ...s.right, [name]: s.at[name] };
  const [now, then] = [plus(s.at, noise(s)), plus(s.before, noise(s, s.earlier))];
  const seen = name === 'X' ? { X: now.X, Y: then.Y } : { X: then.X, Y: now.Y };
  return { ...s.right, [name]: Matrix.add(s.at[name], gradient(s.target, seen)[name].mul(-s.eta)) };
}

/** The correct slope times a factor; undefined if the factor is not a positive finite number. */
function scaledBy(factor: (step: Step) => number): (step: Step, perturbed: Factors) => Factors | undefined {
  return (step, perturbed) => {
    const c = factor(step);
    return Number.isFinite(c) ? times(gradient(step.target, perturbed), c) : undefined;
  };
}

/** The correct step, within the rounding of a coarser format than the solver declares, whose numbers it gave. */
function roundedTo(format: string, text: string): Misreading {
  const roundoff = roundoffNamed(format)!;
  const round = roundingTo(roundoff);
  return {
    text: always(`the correct step, rounded to ${text}`),
    advice: `If that is intended, declare it: --precision ${format}, or export const precision = '${format}'.`,
    looks: true,
    next: ({ at, to, right, u = DOUBLE }) => {
      const isOfFormat = [to.X, to.Y].every((A) => A.to1DArray().every((entry) => entry === round(entry)));
      // A faithful step rounds by one or two units of its size, in practice.
      const size = [at.X, at.Y, right.X, right.Y].reduce((sum, A) => sum + norm(A), 0);
      const isNear = pairDistance(to, right) <= 8 * roundoff * size;
      return roundoff > u && isOfFormat && isNear ? to : undefined;
    },
  };
}

const slope = (R: Matrix, { X, Y }: Factors): Factors => ({ X: R.mmul(Y), Y: R.transpose().mmul(X) });

/** The entries that stay but should move, such as "row 2 of 3 of X and column 1 of 2 of Y do". */
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
