/** Paths of single modes: logistic if the target has a singular value there, slow otherwise. */
import { atLeast, atMost, claim, equal, showing, worst, type Comparison } from '../../model/claim.ts';
import { dropping } from '../../generate/dropping.ts';
import { design } from '../../generate/design.ts';
import type { Design } from '../../model/draft.ts';
import {
  descend,
  descendPlainly,
  descendSmoothed,
  iterate,
  matrix,
  startOf,
  type Instance,
} from '../../model/instance.ts';
import { modeRun } from './balanced-starts.ts';
import { closedFlow } from './closed-flow.ts';
import { firstMode, lambdaOf } from './first-mode.ts';
import { meanProducts } from './mean-path.ts';
import { conversion, u } from '../../oracles/rounding.ts';
import { scaledNoise } from '../../run/violations.ts';
import { norm, penalties, type Descent, type Solver } from '../../../src/index.ts';

const OURS = 'our proof';
const own = (): string => 'it needs a diagonal target and start, which it makes itself';

interface ModePicks {
  readonly x: number;
  readonly y: number;
  readonly s: number;
  readonly lambda: number;
  readonly pace: number;
}

/** A mode next to one of singular value 2 that is fitted already. */
const modes = (
  picks: Readonly<Record<keyof ModePicks, readonly number[]>>,
  steps: (mode: ModePicks, h: number) => number,
): Design<Instance> => ({
  size: { d1: [1, 4], d2: [1, 4], r: [1, 2] },
  grids: {},
  picks,
  complete({ size, picks: drawn, seed }) {
    const mode = drawn as unknown as ModePicks;
    const eta = mode.pace / 4;
    const [sigma1, sigma2] = [Math.sqrt(mode.lambda / size.d1), Math.sqrt(mode.lambda / size.d2)];
    const rest = { eta, sigma1, sigma2, steps: steps(mode, eta), seed };
    const others = size.r > 1 ? [{ x: Math.SQRT2, y: Math.SQRT2, s: 2 }] : [];
    return modeRun(mode, others, size, rest);
  },
  excludes: own,
});

/** c / (1 + (c / p0 - 1) e^(-2ct)). */
const logisticCurve = (c: number, p0: number, time: number): number => c / (1 + (c / p0 - 1) * Math.exp(-2 * c * time));

/** The entry of W at (1, 1) against the logistic curve with c = s - lambda, at three times. */
function logistic(instance: Instance): Comparison {
  const lambda = lambdaOf(instance);
  const [s, p0, x0] = [instance.M[0]![0]!, instance.X0[0]![0]! * instance.Y0[0]![0]!, instance.X0[0]![0]!];
  const flow = closedFlow(matrix(instance.M), startOf(instance), lambda);
  const c = s - lambda;
  return worst(
    [1, 4, 12].map((quarters) => {
      const time = quarters / (4 * Math.abs(c));
      const expected = logisticCurve(c, p0, time);
      const { W, condition } = flow(time);
      const rounding = 1024 * u * condition * (1 + norm(W) + s);
      return showing(Math.abs(expected - p0), equal(`p at time ${time}`, W.get(0, 0), expected, rounding, { x0 }));
    }),
  );
}

export const logisticFit = claim({
  id: 'paths/logistic',
  statement:
    'A balanced mode is fitted along a logistic curve, to its singular value less lambda at the rate 2 (s - lambda).',
  formula: String.raw`p(t) = \frac{c}{1 + (c/p(0) - 1)\,e^{-2ct}},\quad c = s - \lambda`,
  kind: 'identity',
  needs: 'theory',
  hypotheses: [
    dropping(
      'the mode is balanced',
      modes({ x: [1, 3 / 2], y: [1 / 2, 1 / 4], s: [2, 3], lambda: [0, 1 / 4], pace: [1 / 16] }, () => 1),
    ),
  ],
  source: `${OURS}; Saxe, McClelland and Ganguli 2014 (citation only)`,
  proof: 'modes',
  items: ['4.10'],
  instances: design({
    ...modes({ x: [1 / 2, 1 / 4, 2], y: [1], s: [1, 2, 1 / 2], lambda: [0, 1 / 4, 3 / 4], pace: [1 / 16] }, () => 1),
    accepts: ({ picks }) => picks['s'] !== picks['lambda'],
    complete(draft) {
      const balanced = { ...draft, picks: { ...draft.picks, y: draft.picks['x']! } };
      return modes(draft.picks as never, () => 1).complete(balanced);
    },
  }),
  check: (_, instance) => logistic(instance),
});

/** Balanced starts at rank one, over four time constants of the fit. */
const fits: Design<Instance> = {
  ...modes(
    { x: [1 / 2, 1 / 4, 3 / 4], y: [1], s: [1, 2, 1 / 2], lambda: [1 / 2, 1 / 4], pace: [1 / 16, 1 / 32] },
    () => 1,
  ),
  size: { d1: [1, 4], d2: [1, 4], r: [1, 1] },
  complete({ size, picks, seed }) {
    const { x, s, lambda: share, pace } = picks as unknown as ModePicks;
    const [lambda, eta, at] = [share * s, pace / s, x * Math.sqrt(s)];
    const [sigma1, sigma2] = [Math.sqrt(lambda / size.d1), Math.sqrt(lambda / size.d2)];
    const steps = 4 * Math.ceil(1 / (eta * (s - lambda)));
    return modeRun({ x: at, y: at, s }, [], { ...size, r: 1 }, { eta, sigma1, sigma2, steps, seed });
  },
};

/** Runs over which the mean is taken, each with noise of its own. */
const RUNS = 128;

/** The smoothed descent after a time, against the logistic curve with Euler's error of first order. */
function curve(instance: Instance, c: number, time: number, smoothed: number): Comparison {
  const { eta, M } = instance;
  const [s, p0] = [M[0]![0]!, firstMode(startOf(instance)).p];
  const p = logisticCurve(c, p0, time);
  const error = eta * p * (c - p) * (Math.log((c - p0) / (c - p)) - Math.log(p / p0) / 2);
  // Euler's error of second order is at most (eta s)^2 s / 16 (docs/theory/gradient-descent.md#modes).
  return equal(`the smoothed descent at time ${time}`, smoothed, p + error, ((eta * s) ** 2 * s) / 16, { c });
}

/** The mean of p over runs at four times, against the logistic curve with the first order in the step size. */
function meanPath(solver: Solver, instance: Instance): Comparison {
  const s = instance.M[0]![0]!;
  const c = s - lambdaOf(instance);
  const runs = Array.from({ length: RUNS }, (_, i) => descend(solver, instance, `run ${i}`));
  const times = [1, 2, 3, 4].map((quarters) => (instance.steps / 4) * quarters);
  const expected = [...meanProducts(instance, times)];
  return worst(
    times.flatMap((steps, i) => {
      const values = runs.map((run) => {
        run.advance(instance.steps / 4);
        return firstMode(iterate(run)).p;
      });
      const mean = values.reduce((sum, p) => sum + p, 0) / RUNS;
      const { mean: theory, smoothed, moved, deviation } = expected[i]!;
      const time = steps * instance.eta;
      // A quarter of the first order is for the second (docs/theory/gradient-descent.md#modes).
      const tolerance = (4 * deviation) / Math.sqrt(RUNS) + moved / 4;
      return [
        curve(instance, c, time, smoothed),
        showing(s, equal(`mean of p at time ${time}`, mean, theory, tolerance), 0),
      ];
    }),
  );
}

export const meanFit = claim({
  id: 'paths/mean-fit',
  statement:
    'The mean of perturbed descent follows the logistic curve of a balanced mode along the whole path, with equal penalties, up to a correction by the fluctuations.',
  formula: String.raw`E\,u'X_tY_t'v \approx m_xm_y + C_{xy} = \frac{c}{1 + (c/p_0 - 1)\,e^{-2c\eta t}} + O(\eta),\quad c = s - \lambda`,
  kind: 'stochastic trajectory',
  needs: 'law',
  hypotheses: [
    dropping('the mode is balanced', {
      ...fits,
      complete: (draft) => {
        const run = fits.complete(draft);
        return { ...run, X0: run.X0.map(([x]) => [4 * x!]), Y0: run.Y0.map(([y]) => [y! / 4]) };
      },
    }),
  ],
  source: `${OURS}; Liu et al. 2021 (that the noise determines the limit; the path is ours)`,
  proof: 'modes',
  items: ['4.10', '3.5', '4.3'],
  // Four standard errors of the mean on this instance, and its bias.
  random: {
    basis: 'leading order',
    shift: {
      text: 'sigma1 and sigma2',
      finds: 0.05,
      by: (share) => scaledNoise(1 + share, 1 + share),
    },
  },
  instances: design(fits),
  check: meanPath,
});

/** 1/p_T against 1/p_0 + 2hT, from below and, with the sum of 4 h^2 p_t, from above. */
function slow(run: Descent, instance: Instance): Comparison {
  const { p: p0 } = firstMode(startOf(instance));
  run.advance(instance.steps);
  const { p } = firstMode(iterate(run));
  const [h, T] = [instance.eta, instance.steps];
  const least = 1 / p0 + 2 * h * T;
  const most = least + 4 * h * h * p0 + 2 * h * Math.log1p(2 * h * T * p0);
  const rounding = 64 * T * (u + conversion(instance)) * most;
  return worst([
    showing(2 * h * T, atLeast('1/p_T', 1 / p, least, rounding)),
    showing(2 * h * T, atMost('1/p_T', 1 / p, most, rounding)),
  ]);
}

const surplus = { s: [0], lambda: [0], pace: [1 / 4, 1 / 8, 1 / 2] } as const;
const balancedSurplus: Design<Instance> = {
  ...modes({ ...surplus, x: [1, 1 / 2, 3 / 4], y: [1] }, (_, h) => Math.ceil(16 / h)),
  complete(draft) {
    const balanced = { ...draft, picks: { ...draft.picks, y: draft.picks['x']! } };
    return modes(draft.picks as never, (_, h) => Math.ceil(16 / h)).complete(balanced);
  },
};

export const surplusBalanced = claim({
  id: 'paths/surplus-balanced',
  statement:
    'On a direction that the target does not have, gradient descent from a balanced start is slow: the product falls like 1 / (2ht).',
  formula: String.raw`x_0 = y_0,\ s = 0:\quad \frac1{p_0} + 2hT \le \frac1{p_T} \le \frac1{p_0} + 2hT + 4h^2p_0 + 2h\log(1 + 2hTp_0)`,
  kind: 'inequality',
  needs: 'law',
  hypotheses: [
    dropping(
      'the start is balanced',
      modes({ ...surplus, x: [1, 1 / 2], y: [1 / 4, 1 / 8] }, (_, h) => Math.ceil(16 / h)),
    ),
    dropping(
      'no noise',
      { ...balancedSurplus, picks: { ...balancedSurplus.picks, lambda: [1 / 2] } },
      (solver, instance) => slow(descend(solver, instance), instance),
    ),
  ],
  bound: 'valid',
  source: `${OURS}; Xiong, Ding and Du 2024 (abstract read: slow from balanced, fast from unbalanced starts)`,
  proof: 'surplus',
  items: ['4.11'],
  instances: design(balancedSurplus),
  check: (solver, instance) => slow(descendPlainly(solver, instance), instance),
});

/** The ratio of products over eight late steps, against `rate` for the imbalance that is left. */
function lateRatio(
  run: Descent,
  instance: Instance,
  rate: (D: number) => number,
  off: (D: number) => number,
): Comparison {
  run.advance(instance.steps);
  const before = firstMode(iterate(run));
  run.advance(8);
  const after = firstMode(iterate(run));
  const expected = rate(before.D) ** 8;
  const rounding = 128 * (u + conversion(instance));
  const tolerance = 8 * off(Math.abs(before.D)) + rounding;
  return showing(1 - expected, equal('p_(t+8) / p_t', after.p / before.p, expected, tolerance), rounding);
}

/** Above |p| and S after the steps below: they fall by e^-12 and more, from at most 2. */
const LATE = 1e-5;

/** p falls by e^-12 and more: D falls by less than a tenth, as h p is below 1/8. */
const unbalancedSurplus = (s: number): Design<Instance> =>
  modes({ ...surplus, s: [s], x: [1, 1 / 2, 1 / 8], y: [1 / 4, 3 / 4] }, ({ x, y }, h) =>
    Math.ceil(14 / (h * Math.abs(x * x - y * y))),
  );

export const surplusUnbalanced = claim({
  id: 'paths/surplus-unbalanced',
  statement:
    'On a direction that the target does not have, gradient descent from an unbalanced start is fast: the product falls by the factor 1 - h|D| per step.',
  formula: String.raw`s = 0:\quad \frac{p_{t+1}}{p_t} \to 1 - h|D_\infty|`,
  kind: 'deterministic trajectory',
  needs: 'law',
  hypotheses: [
    dropping('the target does not have the direction', unbalancedSurplus(1 / 2)),
    dropping(
      'no noise',
      { ...unbalancedSurplus(0), picks: { ...unbalancedSurplus(0).picks, lambda: [1 / 2] } },
      (solver, instance) => fast(descend(solver, instance), instance),
    ),
  ],
  source: `${OURS}; Xiong, Ding and Du 2024 (abstract read)`,
  proof: 'surplus',
  items: ['4.11'],
  instances: design(unbalancedSurplus(0)),
  check: (solver, instance) => fast(descendPlainly(solver, instance), instance),
});

// S = |D| sqrt(1 + 4 p^2 / D^2) is above |D| by at most 2 p^2 / |D|, and D moves by h^2 p^2 |D| a step.
const fast = (run: Descent, instance: Instance): Comparison =>
  lateRatio(
    run,
    instance,
    (D) => 1 - instance.eta * Math.abs(D),
    (D) => 16 * instance.eta * LATE ** 2 * (1 / D + instance.eta * D),
  );

/** S falls by e^-16. */
const noisySurplus = (s: number): Design<Instance> =>
  modes({ ...surplus, s: [s], lambda: [1 / 2, 1 / 4, 1 / 8], x: [1, 1 / 2], y: [1 / 4, 1, 3 / 4] }, ({ lambda }, h) =>
    Math.ceil(8 / (h * lambda)),
  );

export const surplusNoisy = claim({
  id: 'paths/surplus-noisy',
  statement:
    'With noise the mean path leaves a direction that the target does not have at the rate of the ridge, alpha + beta, from every start.',
  formula: String.raw`s = 0:\quad \frac{p_{t+1}}{p_t} \to (1 - h\alpha)(1 - h\beta)`,
  kind: 'deterministic trajectory',
  needs: 'theory',
  hypotheses: [dropping('the target does not have the direction', noisySurplus(1))],
  source: OURS,
  proof: 'surplus',
  items: ['4.11'],
  instances: design(noisySurplus(0)),
  check(_, instance) {
    const { alpha, beta } = penalties(matrix(instance.M), instance);
    const rate = (1 - instance.eta * alpha) * (1 - instance.eta * beta);
    return lateRatio(
      descendSmoothed(instance),
      instance,
      () => rate,
      () => 4 * instance.eta * LATE,
    );
  },
});
