/** Ye and Du 2021: plain gradient descent from a small random start, seen from the target's column and row spaces. */
import { moderate } from '../../instances/large-targets.ts';
import { Matrix } from 'ml-matrix';
import { atMost, atStep, claim, equal, firstRefuted, showing, type Comparison } from '../../model/claim.ts';
import { dropping } from '../../generate/dropping.ts';
import { blockRounding, complementsOf, operatorNorm, outside } from '../../oracles/column-space.ts';
import { changed, design, LARGE } from '../../generate/design.ts';
import type { Design } from '../../model/draft.ts';
import {
  plainRuns,
  shortRuns,
  startGrids,
  targetGrids,
  targetOf,
  targetPicks,
  fromZero,
  faster,
} from '../../instances/designs.ts';
import { pairDistance } from '../../oracles/formula.ts';
import { descend, iterate, matrix, startOf, type Instance } from '../../model/instance.ts';
import { powerOfTwoAtMost, shortBinary } from '../../oracles/scales.ts';
import { nonzero } from '../../instances/trajectories.ts';
import { transitions } from '../../oracles/transitions.ts';
import { ofTrial, smallRandomStart, smallStarts, type SmallStart } from './small-starts.ts';
import { stepSize } from '../../run/violations.ts';
import { gram, norm, residual, singularValues, type Solver } from '../../../src/index.ts';

const ours = 'our proof; used by Ye and Du 2021';

/** A - eta A B'B. */
const contracted = (A: Matrix, B: Matrix, eta: number): Matrix => Matrix.sub(A, A.mmul(gram(B)).mul(eta));

function* blockLaws(solver: Solver, instance: Instance): Generator<Comparison> {
  const [target, { eta }] = [matrix(instance.M), instance];
  const complements = complementsOf(target);
  let farthest = 0;
  for (const { before, after, t } of transitions(descend(solver, instance), instance.steps)) {
    const [was, is] = [outside(complements, before), outside(complements, after)];
    const rounding = blockRounding(target, before, instance);
    farthest = Math.max(farthest, pairDistance(before, after));
    const ofX = equal(`U_perp C after step ${t}`, is.X, contracted(was.X, before.Y, eta), rounding);
    const ofY = equal(`V_perp E after step ${t}`, is.Y, contracted(was.Y, before.X, eta), rounding);
    yield* [ofX, ofY].map((found) => atStep(t, showing(farthest, found)));
  }
}

export const blocks = claim({
  id: 'ye-du/blocks',
  statement:
    "Outside the target's column and row spaces a step of gradient descent does not depend on the target: it contracts by the other factor.",
  formula: String.raw`X = UA + U_\perp C,\ Y = VB + V_\perp E:\quad C^+ = C - \eta\,C\,Y'Y,\quad E^+ = E - \eta\,E\,X'X`,
  kind: 'identity',
  needs: 'law',
  hypotheses: [dropping('no noise', { ...shortRuns([1]), size: { d1: [4, 8], k: [1, 2] } })],
  source: ours,
  proof: 'ye-du',
  items: ['8.1'],
  instances: design(moderate({ ...plainRuns([1, 4, 32]), large: LARGE })),
  check: (solver, instance) => firstRefuted(blockLaws(solver, instance)),
});

/** |C| and |E| before and after each step, as long as |X|^2 and |Y|^2 are at most `reach` times s_1. */
function* normChanges(
  solver: Solver,
  instance: Instance,
  reach: number,
  compare: (...sides: Parameters<typeof atMost>) => Comparison,
): Generator<Comparison> {
  const target = matrix(instance.M);
  const complements = complementsOf(target);
  const most = Math.sqrt(reach * operatorNorm(target));
  let farthest = 0;
  for (const { before, after, t } of transitions(descend(solver, instance), instance.steps)) {
    if (operatorNorm(before.X) > most || operatorNorm(before.Y) > most) return;
    const [was, is] = [outside(complements, before), outside(complements, after)];
    const rounding = blockRounding(target, before, instance);
    farthest = Math.max(farthest, pairDistance(before, after));
    const ofX = compare(`|C| after step ${t}`, operatorNorm(is.X), operatorNorm(was.X), rounding);
    const ofY = compare(`|E| after step ${t}`, operatorNorm(is.Y), operatorNorm(was.Y), rounding);
    yield* [ofX, ofY].map((found) => atStep(t, showing(farthest, found)));
  }
}

const REACH = 2;

const shrinks = (solver: Solver, instance: Instance, reach: number): Comparison =>
  firstRefuted(normChanges(solver, instance, reach, atMost));

/** Starts with |X_0|^2, |Y_0|^2 <= 2 s_1, within a factor of four of it for `share` 1; eta <= 1/s_1. */
const bounded: Design<Instance> = {
  grids: { ...targetGrids, ...startGrids },
  picks: { ...targetPicks, steps: [1, 4, 16], share: [1, 1 / 4, 1 / 64], slow: [1, 1 / 4] },
  accepts: nonzero,
  complete(draft) {
    const M = targetOf(draft);
    const s1 = operatorNorm(matrix(M));
    const fit = (A: Matrix): Matrix => {
      const size = operatorNorm(A);
      return size === 0 ? A : A.mul(draft.picks['share']! * powerOfTwoAtMost(Math.sqrt(REACH * s1) / size));
    };
    const [X0, Y0] = [fit(matrix(draft.grids['X0']!)), fit(matrix(draft.grids['Y0']!))];
    const eta = draft.picks['slow']! * powerOfTwoAtMost(1 / s1);
    const at = { X0: X0.to2DArray(), Y0: Y0.to2DArray() };
    return { M, ...at, eta, sigma1: 0, sigma2: 0, steps: draft.picks['steps']!, seed: draft.seed };
  },
};

/** First steps from starts with a part outside the column space, changed so as to break one hypothesis. */
function firstSteps(share: number, change: (instance: Instance) => Partial<Instance>): Design<Instance> {
  const first = {
    ...bounded,
    size: { d1: [4, 8], k: [1, 2] },
    picks: { ...targetPicks, steps: [1], share: [share], slow: [1] },
  } as const;
  return changed(first, (instance) => ({ ...instance, ...change(instance) }));
}

const times = (A: number[][], factor: number): number[][] => A.map((row) => row.map((entry) => factor * entry));
const alternately = (A: number[][], parity: number): number[][] =>
  A.map((row) => row.map((entry, j) => (j % 2 === parity ? entry : 0)));

export const shrink = claim({
  id: 'ye-du/shrink',
  statement:
    "The part of the factors outside the target's column and row spaces does not grow under gradient descent at step sizes up to 1/s_1, while the squared norms of the factors are at most 2 s_1.",
  formula: String.raw`\eta \le 1/s_1,\ \|X\|_{op}^2,\|Y\|_{op}^2 \le 2s_1 \;\Rightarrow\; \|C^+\|_{op} \le \|C\|_{op},\ \|E^+\|_{op} \le \|E\|_{op}`,
  kind: 'inequality',
  needs: 'law',
  hypotheses: [
    dropping(
      'no noise',
      firstSteps(1 / 64, ({ M }) => {
        const sigma = shortBinary(Math.sqrt(operatorNorm(matrix(M))) / 2);
        return { sigma1: sigma, sigma2: sigma };
      }),
    ),
    dropping('eta <= 1/s_1', firstSteps(1, faster(32))),
    dropping(
      '|X|^2, |Y|^2 <= 2 s_1 in the operator norm before the step',
      firstSteps(1, ({ X0, Y0 }) => ({ X0: times(X0, 8), Y0: times(Y0, 8) })),
      (solver, instance) => shrinks(solver, instance, Infinity),
    ),
  ],
  bound: {
    tight: 'where each column of the start is 0 in one of the factors, in the first step',
    on: {
      instances: design(firstSteps(1, ({ X0, Y0 }) => ({ X0: alternately(X0, 0), Y0: alternately(Y0, 1) }))),
      check: (solver, instance) => firstRefuted(normChanges(solver, instance, REACH, equal)),
    },
  },
  source: 'Ye and Du 2021, for smaller step sizes; our proof',
  proof: 'ye-du',
  items: ['8.1'],
  instances: design(moderate({ ...bounded, large: LARGE })),
  check: (solver, instance) => shrinks(solver, instance, REACH),
});

export const global = claim<SmallStart>({
  id: 'ye-du/global',
  statement:
    'From a small random start gradient descent converges to a global minimum, without noise and without a balancing regulariser.',
  formula: String.raw`X_0, Y_0 \sim N(0, \epsilon^2),\ r \ge k:\quad X_tY_t' \to M`,
  kind: 'stochastic trajectory',
  needs: 'law',
  hypotheses: [
    dropping(
      'no noise',
      changed(smallStarts, (run) => {
        // alpha and beta about s_1 / 8, and so is lambda, by which every singular value is lowered.
        const scale = Math.sqrt(operatorNorm(matrix(run.M)) / 8);
        const [sigma1, sigma2] = [run.X0, run.Y0].map(({ length }) => shortBinary(scale / Math.sqrt(length)));
        return { ...run, sigma1: sigma1!, sigma2: sigma2! };
      }),
    ),
    dropping(
      'a random start',
      changed(smallStarts, (run) => ({ ...fromZero(run), scale: 0 })),
    ),
    dropping('r >= rank(M)', {
      ...smallStarts,
      size: { d1: [2, 5], d2: [2, 5], r: [1, 1], k: [2, 2] },
      complete: (draft) => smallRandomStart(draft, draft.size.k),
    }),
    dropping(
      'enough steps for the weakest amplitude of the start',
      changed(smallStarts, (run) => ({ ...run, steps: Math.ceil(run.steps / 16) })),
    ),
    dropping('a small start', { ...smallStarts, picks: { start: [4, 8] } }),
  ],
  source: 'Ye and Du 2021 (r = rank(M)); our proof of the number of steps, to leading order in the size of the start',
  proof: 'ye-du',
  items: ['8.1'],
  // The weakest amplitude would have to be below the sixth power of the start's size (docs/theory/related-papers.md#ye-du).
  random: {
    basis: 'leading order',
    shift: stepSize(
      -0.6,
      'it is about convergence, not its time: the number of steps allows for a weakest amplitude of the sixth power of the size of the start',
    ),
  },
  instances: design(moderate(smallStarts)),
  check(solver, drawn) {
    const instance = ofTrial(drawn);
    const target = matrix(instance.M);
    const complements = complementsOf(target);
    const start = outside(complements, startOf(instance));
    const descent = descend(solver, instance);
    descent.advance(instance.steps);
    const R = residual(target, iterate(descent));
    // The kernels of C and E may stay: |C E'| is at most its value at the start, as neither of them grows.
    const left = norm(start.X) * norm(start.Y);
    const s1 = singularValues(target)[0]!;
    return equal("X Y' - M", R, Matrix.zeros(R.rows, R.columns), s1 / 32 + left, { s1 });
  },
});
