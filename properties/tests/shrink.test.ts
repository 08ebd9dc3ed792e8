/** Shrinking: it walks to the end or says that it did not, and a counterexample is printed with its neighbours. */
import fc from 'fast-check';
import seedrandom from 'seedrandom';
import { describe, expect, test } from 'vitest';
import { referenceDescent } from '../oracles/reference-descent.ts';
import momentum from '../../fixtures/mutants/momentum.ts';
import noiseOnXOnly from '../../fixtures/mutants/noise-on-x-only.ts';
import { atMost, atStep, equal, firstRefuted, NONE, type Claim } from '../model/claim.ts';
import { design, LARGE } from '../generate/design.ts';
import type { InstanceArbitrary } from '../model/draft.ts';
import { shortRuns } from '../instances/designs.ts';
import { matrix, startOf, type Instance } from '../model/instance.ts';
import { noiseSeed } from '../model/seeds.ts';
import { judge } from '../explain/judge.ts';
import { claimOf, claims } from '../claims/registry.ts';
import { inspect } from '../run/subject.ts';
import { selected } from '../run/trial.ts';
import { excess, mergeSurveys, worstOf } from '../run/survey.ts';
import type { Refutation, Verdict } from '../model/verdict.ts';

const ours = inspect(referenceDescent);
const options = { seed: 1, instances: 20 };

const planted = (check: Claim['check']): Claim => ({
  id: 'planted/claim',
  statement: '',
  formula: '',
  kind: 'identity',
  needs: 'law',
  hypotheses: [NONE],
  bound: 'equality',
  source: '',
  proof: '',
  items: [],
  instances: design(shortRuns([1, 2, 4])),
  check,
});

/** Fails on targets of more than one row, by their number. */
const rows = planted((_, { M }) => atMost('rows', M.length, 1, 0));

describe('large instances', () => {
  const plan = { ...shortRuns([1]), large: LARGE };
  const arbitrary = design(plan)() as InstanceArbitrary<Instance>;
  const drafts = fc.sample(arbitrary, { seed: 1, numRuns: 400 }).map((instance) => arbitrary.draftOf(instance));

  test('are one in eight, and the others have the usual sizes', () => {
    const big = drafts.filter(({ size }) => size.r > 3);
    // 50 on average, with a standard deviation of 6.6.
    expect(Math.abs(big.length - 50)).toBeLessThan(40);
    expect(big.every(({ size }) => size.d1 >= 8 && size.d2 <= 20 && size.r <= 8)).toBe(true);
    expect(Math.max(...drafts.map(({ size }) => size.r))).toBe(8);
    expect(drafts.filter((draft) => !big.includes(draft)).every(({ size }) => size.d1 <= 8)).toBe(true);
  });

  test('are revived, and shrink to small ones', () => {
    const big = drafts.find(({ size }) => size.r === 8)!;
    expect(arbitrary.revive(big)).toEqual(arbitrary.derive(big));
    expect(arbitrary.simpler(big).every((draft) => arbitrary.allows(draft))).toBe(true);
    const wide = { ...planted((_, { X0 }) => atMost('columns', X0[0]!.length, 3, 0)), instances: design(plan) };
    const { refutation } = judge(wide, ours, { ...options, instances: 100 });
    expect(refutation!.instance.X0[0]).toHaveLength(4);
    expect(refutation!.instance.M).toHaveLength(4);
  });
});

test('the replay of a counterexample leads to its instance, also where no trial can be made', () => {
  const claim = claimOf('definition/step')!;
  const { refutation } = judge(claim, inspect(momentum), options);
  const arbitrary = claim.instances() as InstanceArbitrary<Instance>;
  expect(refutation!.shrinks).toBeGreaterThan(0);
  expect(selected(arbitrary, claim.id, options.seed, refutation!.replay)).toEqual(refutation!.instance);
});

describe('the work of shrinking', () => {
  test('is bounded: without time the instance is printed unshrunk, and says so', () => {
    const { refutation } = judge(rows, ours, { ...options, work: 0 });
    expect(refutation).toMatchObject({ shrinks: 0, stoppedEarly: true });
    expect(refutation!.irrelevant).toBeUndefined();
    const index = Number(refutation!.replay);
    expect(refutation!.survey).toMatchObject({ through: index, failing: [{ index }] });
  });

  test('is counted by examinations and steps, not by the clock: it ends at the same point on any machine', () => {
    const examined = (work: number, steps: number): number => {
      let count = 0;
      const stepping = planted((solver, instance) => {
        count++;
        const { M, eta } = instance;
        solver({ target: matrix(M), start: startOf(instance), stepSize: eta }).advance(steps);
        return atMost('rows', M.length, 1, 0);
      });
      expect(judge(stepping, ours, { ...options, work }).refutation!.stoppedEarly).toBe(true);
      return count;
    };
    // The first examination is the instance's own, the last is that of the reference, which says who is wrong.
    expect(examined(5 * 500, 0)).toBe(7);
    expect(examined(5 * 500, 500)).toBe(5);
  });

  test('is bounded by the clock too, once for all claims of a run: counted work is no bound for a slow solver', () => {
    let left = 10;
    const time = { left: () => left, spend: () => left-- };
    const { refutation } = judge(rows, ours, { ...options, time });
    expect(refutation).toMatchObject({ stoppedEarly: true });
    expect(left).toBe(0);
    expect(judge(rows, ours, { ...options, time }).refutation).toMatchObject({ shrinks: 0, stoppedEarly: true });
  });

  test('does not run out unsaid: a finished walk is minimal', () => {
    const { refutation } = judge(rows, ours, options);
    expect(refutation).toMatchObject({ stoppedEarly: false, instance: { M: [[0], [0]], X0: [[0], [0]], Y0: [[0]] } });
  });
});

describe('for random claims', () => {
  /** Fails always on these, with the given chance elsewhere. */
  const failing = (where: (instance: Instance) => boolean, elsewhere: number): Claim => ({
    ...planted((_, instance) => {
      const ofSolver = instance.trial === undefined || instance.trial <= 12 || instance.trial >= 1000;
      const uniform = seedrandom(noiseSeed(instance, 'planted'))();
      return equal('x', ofSolver && (where(instance) || uniform < elsewhere) ? 1 : 0, 0, 0);
    }),
    random: { basis: 'exact bound' },
    needs: 'law',
  });

  test('the counterexample is confirmed as the drawn instance was', () => {
    const claim = failing(({ M }) => M.length > 1, 0);
    const { refutation } = judge(claim, { ...ours, ownNoise: true }, options);
    expect(refutation).toMatchObject({ blame: 'solver', trials: { solver: { failed: 12, of: 12 } } });
    expect(refutation!.instance.M).toHaveLength(2);
  });

  test('a walk that chance misled goes back to a confirmed instance', () => {
    const claim = failing(({ M }) => M.length > 3, 0.6);
    const { refutation } = judge(claim, { ...ours, ownNoise: true }, options);
    expect(refutation).toMatchObject({ blame: 'solver' });
    expect(refutation!.trials!.solver.failed).toBeGreaterThanOrEqual(10);
  });
});

test('every refutation is reported as soon as it is known, and each smaller one', () => {
  const reported: Refutation[] = [];
  const verdict = judge(rows, ours, { ...options, onRefuted: (refutation) => reported.push(refutation) });
  expect(reported[0]).toMatchObject({ shrinks: 0, stoppedEarly: true });
  expect(reported.map(({ shrinks }) => shrinks)).toEqual(reported.map((_, n) => n));
  expect(reported.at(-1)!.instance).toEqual(verdict.refutation!.instance);
});

describe('the worst instance', () => {
  const judged = (only?: string): Verdict => judge(rows, ours, { ...options, only });

  test('is the one that fails by most among the next ones, and is found again as it was drawn', () => {
    const { refutation } = judged();
    const { survey } = refutation!;
    const first = Number(refutation!.replay.split(':')[0]);
    expect(survey!.through).toBe(Math.min(19, first + 10));
    const worst = worstOf(refutation!)!;
    expect(worst.violation).toBe(Math.max(...survey!.failing.map(({ violation }) => violation)));
    const again = judged(`${worst.index}:`).refutation!;
    expect(again).toMatchObject({ shrinks: 0, finding: { violation: worst.violation } });
    expect(again.survey).toBeUndefined();
  });

  test('is not printed if it is the counterexample itself', () => {
    const always = planted(() => equal('x', 0, 1, 0));
    expect(worstOf(judge(always, ours, options).refutation!)).toBeUndefined();
  });

  test('counts relative to the tolerance', () => {
    const tolerant = planted((_, { M }) => atMost('rows', M.length, 0, M[0]!.length / 16));
    const { refutation } = judge(tolerant, ours, options);
    const { failing } = refutation!.survey!;
    const [worst, most] = [worstOf(refutation!)!, Math.max(...failing.map(excess))];
    expect(excess(worst)).toBe(most);
    expect(worst.violation).toBeLessThan(Math.max(...failing.map(({ violation }) => violation)));
  });

  test('of shards is that of the whole', () => {
    const failure = (index: number): { index: number; what: string; violation: number; tolerance: number } => ({
      index,
      what: '',
      violation: 1,
      tolerance: 1,
    });
    const [one, two] = [
      { through: 12, failing: [failure(2), failure(4)] },
      { through: 15, failing: [failure(5), failure(13)] },
    ];
    expect(mergeSurveys([two, one], 2)).toEqual({ through: 12, failing: [2, 4, 5].map(failure) });
  });
});

test('inputs that do not matter are named: varied, they do not end the failure', () => {
  const needsNoise = planted((_, { sigma1, M }) => atMost('sigma1', sigma1 > 1 / 8 && M.length > 1 ? 1 : 0, 0, 0));
  const { refutation } = judge(needsNoise, ours, options);
  expect(refutation!.irrelevant).toEqual(['M', 'X0', 'Y0', 'eta', 'sigma2', 'steps', 'seed']);
  const { refutation: noise } = judge(claimOf('definition/step')!, inspect(noiseOnXOnly), options);
  expect(noise!.irrelevant).not.toContain('sigma2');
  expect(noise!.irrelevant).toContain('seed');
});

test('a claim along a run reports the first step at which it broke, and compares nothing after it', () => {
  let compared = 0;
  function* steps(): Generator<ReturnType<typeof equal>> {
    for (let t = 1; t <= 5; t++) {
      compared++;
      yield atStep(t, equal('x', t >= 3 ? t : 0, 0, 1 / 2));
    }
  }
  expect(firstRefuted(steps())).toMatchObject({ step: 3, lhs: 3 });
  expect(compared).toBe(3);
  const { refutation } = judge(claimOf('definition/step')!, inspect(momentum), options);
  expect(refutation!.finding).toMatchObject({ step: 2 });
});

describe('simplifications', () => {
  const drawing = claims.flatMap((claim) => {
    const instances = claim.instances();
    return typeof instances === 'string' ? [] : [{ id: claim.id, instances }];
  });

  test.each(drawing)('of $id are drafts of its design, and come to an end', ({ instances }) => {
    let draft = instances.draftOf(fc.sample(instances, { seed: 1, numRuns: 1 })[0]!);
    for (let n = 1; ; n++) {
      const simpler = instances.simpler(draft);
      expect(simpler.filter((each) => !instances.allows(each))).toEqual([]);
      if (simpler.length === 0) break;
      // Any walk comes to an end; this one takes turns.
      draft = simpler[(7 * n) % simpler.length]!;
      expect(n).toBeLessThan(1000);
    }
  });
});

test.each([9012, 9410])('a failure late in a long run of a large problem is shrunk to the end (seed %d)', (seed) => {
  const { refutation } = judge(claimOf('definition/step')!, inspect(momentum), { seed, instances: 20 });
  expect(refutation).toMatchObject({ stoppedEarly: false, instance: { M: [[0]], X0: [[1]], Y0: [[1]] } });
});
