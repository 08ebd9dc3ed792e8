/** Who is wrong: a correct solver is never blamed, a wrong one is, and so is a statement that the definition breaks. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Solver } from '../../src/index.ts';
import { referenceDescent } from '../oracles/reference-descent.ts';
import { atMost, refutes, type Claim } from '../model/claim.ts';
import { changed, design } from '../generate/design.ts';
import { noiseOf, optionsOf, type Instance } from '../model/instance.ts';
import { shortRuns } from '../instances/designs.ts';
import { confirm } from '../run/confirmation.ts';
import { Examiner } from '../run/examiner.ts';
import { judge } from '../explain/judge.ts';
import { inspect } from '../run/subject.ts';
import { conclusion, pooled } from '../run/conclusion.ts';
import type { Miss, Outcome, Verdict } from '../model/verdict.ts';
import { scaledNoise } from '../run/violations.ts';
import { refutationText } from '../explain/refutation.ts';
import { chanceLine } from '../explain/words.ts';
import { chancy } from './chancy.ts';
import { claimOf, claims } from '../claims/registry.ts';
import { freshSeed } from '../model/seeds.ts';
import { mergeVerdicts } from '../cli/merge.ts';

const seed = Number(process.env['SEED'] ?? freshSeed());
const ours = inspect(referenceDescent);
const options = { seed, instances: 100, shrink: false };

/** Without the noise of the failed trial to compare with. */
const lone = { ...ours, ownNoise: true };

describe('a solver whose trials fail as often as those of the reference', () => {
  test.each([0.01, 0.05, 0.3, 0.5])('is never blamed, for every failure probability: %d', (chance) => {
    const { outcome, missed } = judge(chancy(chance, chance), lone, { ...options, instances: 400 });
    // A statement whose trials fail more often than it allows may be.
    expect(outcome).not.toBe('refuted');
    // At a failure probability of 0.01, four hundred instances have no failure with probability 2 %.
    if (outcome === 'holds' && chance > 0.01) expect(missed!.length).toBeGreaterThan(0);
  });

  test('misses are counted by index, and reported', () => {
    // Under other seeds ten of twelve trials may fail by chance, which ends the run.
    const { missed, worstMiss, instances } = judge(chancy(0.3, 0.3), lone, { ...options, seed: 1 });
    expect(instances).toBe(100);
    for (const { index, solver, reference } of missed!) {
      expect(index).toBeLessThan(100);
      expect([solver.of, reference.of]).toEqual([4, 12]);
    }
    expect(worstMiss!.trials!.solver.failed).toBe(Math.max(...missed!.map(({ solver }) => solver.failed)));
  });
});

describe('a solver that is wrong', () => {
  test('is blamed if its trials fail and those of the reference do not', () => {
    const { outcome, refutation, instances } = judge(chancy(1, 0), lone, options);
    expect([outcome, instances]).toEqual(['refuted', 1]);
    expect(refutation).toMatchObject({
      blame: 'solver',
      trials: { solver: { failed: 12, of: 12 }, reference: { failed: 0, of: 36 } },
    });
    expect(refutationText(chancy(1, 0), refutation!, '')).toMatch(
      /^This solver fails in 12 of 12 runs on this instance, the descent of the definition in 0 of 36\.$/m,
    );
  });

  test('is found by all instances together if it is wrong now and then', () => {
    const verdict = judge(chancy(0.3, 0), lone, { ...options, instances: 200 });
    expect(verdict).toMatchObject({ outcome: 'refuted', refutation: { blame: 'solver' } });
    const { refutation } = verdict;
    if (refutation!.pooled !== undefined)
      expect(refutationText(chancy(0.3, 0), refutation!, '')).toMatch(/runs on \d+ instances together, the descent of/);
  });

  test('shards put together say the same as the whole', () => {
    const [whole, ...parts] = [undefined, 0, 1, 2].map(
      (index) =>
      judge(chancy(0.2, 0), lone, { seed: 1, instances: 150, shrink: false, ...(index === undefined ? {} : { shard: { index, of: 3 } }) }), // prettier-ignore
    );
    const timeless = ({ milliseconds: _, ...verdict }: Verdict): object => verdict;
    expect(timeless(mergeVerdicts(parts))).toEqual(timeless({ ...whole!, id: parts[0]!.id }));
  });

  test('with noise of its own that is a quarter too large is blamed under its own name', () => {
    const wrong = scaledNoise(1.25, 1.25).wrong(referenceDescent);
    const found = judge(claimOf('law/step-variance')!, inspect(wrong), options);
    expect(found).toMatchObject({ outcome: 'refuted', refutation: { blame: 'solver' } });
  });
});

describe('the trials of an instance', () => {
  const random = claims.filter((claim) => claim.random !== undefined && claim.expected === undefined);

  // Trials that repeat each other make one unlucky draw a false statement: 12 of 12 fail.
  test.each(random.map(({ id }) => id))('of %s have random numbers of their own', (id) => {
    const examiner = new Examiner(claimOf(id)!, ours);
    const arbitrary = claimOf(id)!.instances() as fc.Arbitrary<Instance>;
    const found = (instance: Instance, trial: number): string => JSON.stringify(examiner.examine(instance, trial));
    const instances = fc.sample(arbitrary, { seed: 1, numRuns: 8 });
    // Counts and medians of several runs may agree by chance.
    const differs = (instance: Instance): boolean => [2, 3, 4].some((t) => found(instance, t) !== found(instance, 1));
    expect(instances.some(differs)).toBe(true);
  });
});

describe('an instance whose trials are long', () => {
  /** A claim of long runs, whose trials may fail by chance only after `atLeast` steps of the solver. */
  const long = (atLeast: number, ofSolver: number, ofReference: number): Claim => ({
    ...chancy(ofSolver, ofReference),
    instances: design(shortRuns([1, 20_000])),
    check(solver, instance: Instance) {
      solver(optionsOf(instance, noiseOf(instance))).advance(instance.steps);
      const fails = instance.steps >= atLeast;
      return fails ? chancy(ofSolver, ofReference).check(solver, instance) : atMost('x', 0, 0, 0);
    },
  });
  const still: Solver = ({ start }) => ({ ...start, advance: () => undefined });
  // One whose first instance is long.
  const first = { ...options, seed: 2 };
  const idle = { ...inspect(referenceDescent), solver: still, ownNoise: true };

  test('is confirmed on a shorter one that fails too, which a replay finds again', () => {
    const claim = long(1, 1, 0);
    const { outcome, refutation } = judge(claim, idle, first);
    expect([outcome, refutation!.instance.steps]).toEqual(['refuted', 1]);
    expect(refutation!.replay).toMatch(/:/);
    const again = judge(claim, idle, { ...first, only: refutation!.replay });
    expect(again.refutation).toEqual(refutation);
  });

  test('is confirmed itself if short ones pass', () => {
    const { outcome, refutation } = judge(long(20_000, 1, 0), idle, options);
    expect([outcome, refutation!.instance.steps]).toEqual(['refuted', 20_000]);
  });

  test('gives no blame if trials of the reference fail equally often', () => {
    const verdict = judge(long(1, 0.5, 0.5), idle, { ...options, instances: 20 });
    expect(verdict.refutation?.blame).not.toBe('solver');
  });
});

describe('a statement that is false', () => {
  test('is blamed if the trials of the reference fail too', () => {
    for (const subject of [ours, lone]) {
      const { outcome, refutation } = judge(chancy(0.98, 0.98), subject, options);
      expect(outcome).toBe('statement refuted');
      expect(refutation).toMatchObject({ blame: 'statement' });
      expect(refutationText(chancy(1, 1), refutation!, '')).toMatch(/^STATEMENT REFUTED[^]*No solver is blamed\./);
    }
  });

  test('runs no solver if it is about the theory', () => {
    const { outcome, refutation } = judge(chancy(0.98, 0.98, 'theory'), lone, options);
    expect(outcome).toBe('statement refuted');
    expect(refutation!.trials!.solver.of).toBe(0);
  });

  /** Halved noise in the formula: such a claim is false for every solver. */
  const halved: Claim = {
    ...claimOf('limit/closed-form')!,
    id: 'planted/halved',
    check: (solver, instance) => {
      const { sigma1, sigma2 } = instance;
      const loud: Solver = ({ noise, ...rest }) =>
        solver(noise === undefined ? rest : { ...rest, noise: { ...noise, sigma1: 2 * sigma1, sigma2: 2 * sigma2 } });
      return claimOf('limit/closed-form')!.check(loud, instance);
    },
  };

  test('is blamed under fresh seeds, and no solver is', () => {
    for (let n = 0; n < 3; n++) {
      const verdict = judge(halved, ours, { ...options, seed: (seed + n) % 2 ** 31, instances: 20 });
      expect(verdict).toMatchObject({ outcome: 'statement refuted', refutation: { blame: 'statement' } });
    }
  });
});

describe('instances on which a correct solver fails now and then', () => {
  const closedForm = {
    M: [[0, 0], [0, 0], [0, 0], [2, 2], [-1, -1]],
    X0: [[-1 / 8], [0], [1 / 4], [0], [1 / 8]],
    Y0: [[0], [0]],
    ...{ eta: 2 ** -9, sigma1: 3 / 4, sigma2: 3 / 4, burnIn: 3926, steps: 6475 },
  }; // prettier-ignore
  const otherFactor = {
    M: [[0, 0, 0, 0], [0, 0, 0, 0], [2, -2, -2, 1], [2, -2, -2, 1]],
    X0: [[0], [-2], [-2], [2]],
    Y0: [[0], [0], [0], [1 / 4]],
    ...{ eta: 2 ** -8, sigma1: 5 / 8, sigma2: 5 / 8, burnIn: 1640, steps: 2950 },
  }; // prettier-ignore

  test.each([
    ['limit/closed-form', closedForm, [139140, 1, 2]],
    ['orvieto/other-limit', otherFactor, [3868, 4798, 6795]],
  ] as const)('%s: no blame', (id, instance, seeds) => {
    const claim = claimOf(id)!;
    for (const subject of [ours, lone]) {
      const examiner = new Examiner(claim, subject);
      for (const each of seeds) {
        const drawn: Instance = { ...structuredClone<object>(instance), seed: each } as Instance;
        expect(confirm(examiner, drawn, examiner.examine(drawn)).blame).toBe('chance');
      }
    }
  });
});

test('the identity of a heavy-ball step holds until the run diverges; diverged numbers are not compared', () => {
  const start = { X0: [[4, 0], [0, 4]], Y0: [[4, 0], [0, 4]], P: [[-4, 1], [0, -4]], Q: [[-4, 0], [0, -4]] }; // prettier-ignore
  const run = { M: [[0, 0], [0, 0]], ...start, eta: 1 / 8, momentum: 7 / 8, sigma1: 0, sigma2: 0, steps: 32, seed: 1 }; // prettier-ignore
  expect(refutes(new Examiner(claimOf('momentum/decay')!, ours).examine(run))).toBe(false);
});

test('an error of ours names the command that reproduces it', () => {
  const check = (): never => {
    throw new Error('no such row');
  };
  const broken: Claim = { ...claims[0]!, id: 'planted/broken', check };
  expect(() => judge(broken, ours, { ...options, seed: 7 })).toThrow(
    'no such row (found by: npm run verify -- --claim planted/broken --seed 7 --instance 0)',
  );
});

test('missed instances blame the solver together only if their tables do', () => {
  const miss = (index: number, failed: number): NonNullable<Verdict['missed']>[number] => ({
    index,
    solver: { failed, of: 4 },
    reference: { failed: 0, of: 12 },
  });
  const worstMiss = { replay: '0' } as NonNullable<Verdict['worstMiss']>;
  const few = Array.from({ length: 5 }, (_, index) => miss(index, 1));
  const many = Array.from({ length: 25 }, (_, index) => miss(index, 1));
  expect(pooled({ missed: few, worstMiss })).toBeUndefined();
  expect(pooled({ missed: many, worstMiss })).toMatchObject({
    blame: 'solver',
    pooled: 25,
    trials: { solver: { failed: 25, of: 100 }, reference: { failed: 0, of: 300 } },
  });
});

test('an ablation is refuted only if the reference fails again and again', () => {
  const ablation = (chance: number): Claim => ({ ...chancy(chance, chance), expected: 'refuted' });
  expect(judge(ablation(1), ours, options)).toMatchObject({ outcome: 'refuted as expected', instances: 1 });
  expect(judge(ablation(0.05), ours, options).outcome).toBe('holds unexpectedly');
});

test('the design of instances is not touched by trials', () => {
  const claim = chancy(1, 0);
  const marked = { ...claim, instances: design(changed(shortRuns([1]), (instance) => ({ ...instance, steps: 1 }))) };
  expect(judge(marked, lone, options).refutation!.instance).not.toHaveProperty('trial');
});

test('a solver whose first runs fail far more often than chance allows for is not said to pass', () => {
  // Further runs are correct, so no test of one instance, nor of all together, blames the solver.
  const miss = (index: number): Miss => ({ index, solver: { failed: 1, of: 49 }, reference: { failed: 0, of: 64 } });
  const after = (count: number): Verdict['outcome'] => {
    const missed = Array.from({ length: count }, (_, index) => miss(index));
    return conclusion(20, undefined, {}, {}, { missed }).outcome;
  };
  // P(Bin(20, 1/20) >= 12) = 2.1e-11, and P(Bin(20, 1/20) >= 11) = 5.4e-10.
  expect([after(0), after(11), after(12), after(20)]).toEqual(['holds', 'holds', 'undecided', 'undecided']);
});

test('the line about chance says what it means for a refuted solver, and is left out if no refuted claim is random', () => {
  const bounds = { solver: 2e-9, statement: 1e-9, random: 2 };
  const verdict = (id: string, outcome: Outcome): Verdict => ({ id, outcome, instances: 40, milliseconds: 0 });
  const line = (step: Outcome, emerges: Outcome): string | undefined =>
    chanceLine([verdict('definition/step', step), verdict('balance/emerges', emerges)], bounds);
  expect(line('holds', 'holds')).toBe(
    'chance: 0 of 40 instances failed by chance (at most 1 in 20 is allowed for); this run blames a correct solver with a chance of at most 2.0e-9',
  );
  expect(line('holds', 'refuted')).toBe(
    'chance: it does not explain the refutation: this run blames a correct solver with a chance of at most 2.0e-9',
  );
  expect(line('holds', 'statement refuted')).toBe(
    'chance: it does not explain the refutation: this run blames a true statement with a chance of at most 1.0e-9',
  );
  expect(line('refuted', 'holds')).toBeUndefined();
});
