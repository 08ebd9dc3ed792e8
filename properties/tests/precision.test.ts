/**
 * Solvers that declare a precision: correct ones pass, coarser ones are refuted, and undecidable claims are reported.
 */
import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import { Matrix } from 'ml-matrix';
import { describe, expect, test } from 'vitest';
import { norm, scriptedNoise, type Solver } from '../../src/index.ts';
import halfDeclaredSingle from '../../fixtures/half-declared-single.ts';
import plainGd from '../../fixtures/mutants/plain-gd.ts';
import { Arithmetic, stepping, textbook } from '../../fixtures/rounded.ts';
import { equal, showing, worst, type Claim } from '../model/claim.ts';
import type { InstanceArbitrary } from '../model/draft.ts';
import { noWatch } from '../run/guard.ts';
import { judge } from '../explain/judge.ts';
import { inspect } from '../run/subject.ts';
import { conclusion } from '../run/conclusion.ts';
import type { Verdict } from '../model/verdict.ts';
import { blockSize, iterate, matrix, noiseTape, optionsOf, type Instance } from '../model/instance.ts';
import { drowned } from '../oracles/dither.ts';
import { pairDistance, perturb, stacked, stepFrom } from '../oracles/formula.ts';
import { referenceDescent } from '../oracles/reference-descent.ts';
import { referenceAt } from '../oracles/rounded-descent.ts';
import { stepRounding } from '../oracles/rounding.ts';
import { DOUBLE, precisionName, roundingTo, roundoffNamed } from '../model/precision.ts';
import { claimOf, claims } from '../claims/registry.ts';
import { mergeVerdicts } from '../cli/merge.ts';
import costs from '../../fixtures/costs.json' with { type: 'json' };
import kills from '../../fixtures/kills.json' with { type: 'json' };

const FLOAT32 = 2 ** -24;
const BFLOAT16 = 2 ** -8;

const ofSolvers = claims.filter(({ needs, expected }) => needs !== 'theory' && expected === undefined);
const exact = ofSolvers.filter(({ random }) => random === undefined);

/** The quicker nine tenths of these, of which many solvers can be judged. */
const quick = (() => {
  const costOf = ({ id }: Claim): number => costs[id as keyof typeof costs];
  return [...exact].sort((a, b) => costOf(a) - costOf(b)).slice(0, Math.floor(0.9 * exact.length));
})();

const judged = (claim: Claim, solver: Solver, roundoff: number, instances: number, seed = 1): Verdict =>
  judge(claim, inspect(solver, noWatch, roundoff), { seed, instances, shrink: false });

/** The ids of claims by outcome. */
function fates(some: readonly Claim[], solver: Solver, roundoff: number, instances: number): Record<string, string[]> {
  const subject = inspect(solver, noWatch, roundoff);
  const all: Record<string, string[]> = {};
  for (const claim of some) {
    const { outcome } = judge(claim, subject, { seed: 1, instances, shrink: false });
    (all[outcome] ??= []).push(claim.id);
  }
  return all;
}

describe('a precision', () => {
  test('has a name, or the power of two that is its unit roundoff', () => {
    expect(['float64', 'float32', 'float16', 'bfloat16', '2^-16'].map(roundoffNamed)).toEqual([
      DOUBLE,
      FLOAT32,
      2 ** -11,
      BFLOAT16,
      2 ** -16,
    ]);
    expect([DOUBLE, FLOAT32, 2 ** -11, BFLOAT16, 2 ** -16].map(precisionName).map(roundoffNamed)).not.toContain(
      undefined,
    );
    for (const unknown of ['', 'float', 'float16x', '2^-1', '2^-54', '2^-100', '2^8', '1e-3', 'constructor'])
      expect(roundoffNamed(unknown)).toBeUndefined();
  });

  test('rounds to the nearest number with p bits', () => {
    const significands = fc.bigInt({ min: 2n ** 52n, max: 2n ** 53n - 1n });
    const bits = fc.integer({ min: 2, max: 53 });
    fc.assert(
      fc.property(
        significands,
        fc.integer({ min: -100, max: 100 }),
        bits,
        fc.boolean(),
        (whole, exponent, p, minus) => {
          const value = (minus ? -1 : 1) * Number(whole) * 2 ** exponent;
          const rounded = roundingTo(2 ** -p)(value);
          const unit = 2 ** (53 - p + exponent);
          expect(Number.isInteger(rounded / unit)).toBe(true);
          expect(Math.abs(rounded - value)).toBeLessThanOrEqual(unit / 2);
          // A number of the format stays.
          expect(roundingTo(2 ** -p)(rounded)).toBe(rounded);
        },
      ),
      { seed: 1, numRuns: 500 },
    );
    for (const p of [8, 11, 24, 53])
      expect([0, 1, -0.5, 2 ** 1000].map(roundingTo(2 ** -p)).slice(0, 3)).toEqual([0, 1, -0.5]);
  });
});

describe('the reference descent at a precision', () => {
  const instances = claimOf('definition/step')!.instances() as InstanceArbitrary<Instance>;

  test('is that of doubles if none is coarser', () => {
    expect(referenceAt(undefined)).toBe(referenceDescent);
    expect(referenceAt(DOUBLE)).toBe(referenceDescent);
  });

  test.each([FLOAT32, 2 ** -11, BFLOAT16])(
    'of roundoff %d takes steps that are right to it, and not much finer',
    (u) => {
      const round = roundingTo(u);
      let largest = 0;
      for (const drawn of fc.sample(instances, { seed: 1, numRuns: 40 })) {
        const instance = { ...drawn, steps: Math.min(drawn.steps, 8), u };
        const [target, block, tape] = [matrix(instance.M), blockSize(instance), noiseTape(instance)];
        const descent = referenceAt(u)(optionsOf(instance, scriptedNoise(tape)));
        for (let t = 0; t < instance.steps; t++) {
          const before = iterate(descent);
          descent.advance(1);
          const after = iterate(descent);
          const perturbed = perturb(before, instance, tape.subarray(t * block, (t + 1) * block));
          const off = pairDistance(after, stepFrom(target, before, perturbed, instance.eta));
          expect(off).toBeLessThanOrEqual(stepRounding(target, before, perturbed, instance));
          expect(stacked(after).to1DArray()).toEqual(stacked(after).to1DArray().map(round));
          largest = Math.max(largest, off / norm(stacked(after)));
        }
      }
      expect(largest).toBeGreaterThan(u / 4);
    },
  );
});

test('a bound on rounding grows with the unit roundoff, and never fails to be a number', () => {
  const at = { X: Matrix.ones(3, 2), Y: Matrix.ones(2, 2) };
  const bound = (u?: number): number => stepRounding(Matrix.ones(3, 2), at, at, { eta: 1 / 8, ...(u && { u }) });
  const bounds = [undefined, 2 ** -40, FLOAT32, 2 ** -11, BFLOAT16, 2 ** -2].map(bound);
  expect(bounds).toEqual([...bounds].sort((a, b) => a - b));
  expect(bound(FLOAT32) / bound()).toBeGreaterThan(2 ** 28);
  expect(bounds.at(-1)).toBeLessThan(Infinity);
});

describe('the effect that a comparison is to show', () => {
  test('is compared with the allowed rounding, of several comparisons the coarsest', () => {
    const [fine, coarse] = [showing(10, equal('a', 1, 2, 2)), showing(1, equal('b', 1, 1.5, 2))];
    expect([fine.coarseness, coarse.coarseness]).toEqual([0.2, 2]);
    expect(worst([fine, coarse])).toMatchObject({ what: 'a', coarseness: 2 });
    expect(worst([equal('a', 1, 2, 2)]).coarseness).toBeUndefined();
  });

  test('needs no allowance if both sides are the same, or none is made', () => {
    expect(showing(0, equal('a', 1, 1, 2)).coarseness).toBe(0);
    expect(showing(0, equal('a', 1, 2, 0)).coarseness).toBe(0);
    expect(showing(0, equal('a', 1, 2, 2)).coarseness).toBe(Infinity);
  });

  test('is not decided if more than half of the instances are not', () => {
    const undecidable = { count: 5, index: 2, because: 'of rounding' };
    expect(conclusion(10, undefined, {}, {}, { undecidable })).toEqual({ outcome: 'holds' });
    expect(conclusion(9, undefined, {}, {}, { undecidable })).toEqual({
      outcome: 'not decidable',
      reason: 'not decidable at this precision on 5 of 9 instances; on instance 2 of rounding',
    });
  });
});

describe('a correct solver in single precision that declares it', () => {
  const files = readdirSync('fixtures/float32').map((file) => file.replace('.ts', ''));
  const load = async (name: string): Promise<{ default: Solver; precision: string }> =>
    (await import(`../../fixtures/float32/${name}.ts`)) as { default: Solver; precision: string };

  test('are equal in number to those in doubles, and a tensor library', () => {
    const equivalent = readdirSync('fixtures/equivalent').map((file) => file.replace('.ts', ''));
    expect(files).toEqual([...equivalent, 'tensor-library'].sort());
  });

  test.each(files)('is not refuted by any deterministic claim: %s', async (name) => {
    const { default: solver, precision } = await load(name);
    expect(precision).toBe('float32');
    const found = name === 'textbook' ? fates(exact, solver, FLOAT32, 4) : fates(quick, solver, FLOAT32, 8);
    expect(Object.keys(found).filter((fate) => !['holds', 'not decidable', 'not applicable'].includes(fate))).toEqual(
      [],
    );
    // The residual comes to rest before its slow rate shows; with random numbers of its own nothing is left to couple but plain runs.
    const most = name === 'own-random-numbers' ? ['gd/local-rate', 'balance/pathwise'] : ['gd/local-rate'];
    expect(most).toEqual(expect.arrayContaining(found['not decidable'] ?? []));
  });

  test.each(['without-residual', 'own-random-numbers'])(
    'is not refuted by any random claim: %s',
    async (name) => {
      const { default: solver } = await load(name);
      const random = ofSolvers.filter((claim) => claim.random !== undefined);
      const subject = inspect(solver, noWatch, FLOAT32);
      const verdicts = random.map((claim) => judge(claim, subject, { seed: 1, instances: 1, shrink: false }));
      const others = verdicts.filter(({ outcome }) => !['holds', 'not applicable'].includes(outcome));
      // The directions of a step in which noise is smallest drown in rounding first, which the reference shows too.
      expect(['law/step-variance', 'law/white-steps']).toEqual(expect.arrayContaining(others.map(({ id }) => id)));
      for (const { outcome, reason } of others) {
        expect(outcome).toBe('not decidable');
        expect(reason).toMatch(
          /is less than 16 times its rounding|the descent of the definition, rounded as the solver declares, fails in 12 of 12 runs/,
        );
      }
    },
    120_000,
  );

  test('is refuted otherwise, with the hint to declare it', async () => {
    const { default: solver } = await load('textbook');
    const { refutation } = judge(claimOf('definition/step')!, inspect(solver), { seed: 1, instances: 3 });
    expect(refutation).toMatchObject({ blame: 'solver' });
    expect(refutation!.diagnosis).toMatch(
      /the correct step, rounded to single precision \(24 bits\)\.[^]*--precision float32/,
    );
  });
});

describe('a faulty solver that declares single precision', () => {
  test('is refuted if it is coarser, and the precision is named', () => {
    const subject = inspect(halfDeclaredSingle, noWatch, FLOAT32);
    const { outcome, refutation } = judge(claimOf('definition/step')!, subject, { seed: 1, instances: 3 });
    expect(outcome).toBe('refuted');
    expect(refutation!.diagnosis).toMatch(/rounded to half precision \(11 bits\)\.[^]*declare it: --precision float16/);
    expect(refutation!.arithmetic).toMatch(/^More than rounding at the precision that the solver declares: step 1 /);
    expect(refutation!.certificate).toMatchObject({ kind: 'steps', u: FLOAT32 });
  });

  const wrong = Object.entries<readonly string[]>(kills.mutants).filter(([name]) => name !== 'single-precision');
  test.each(wrong)('is refuted as it is in doubles: %s', async (name, ids) => {
    const { default: solver } = (await import(`../../fixtures/mutants/${name}.ts`)) as { default: Solver };
    // Deterministic ones are the cheaper ones.
    const cheapest = [...ids.filter((id) => quick.includes(claimOf(id)!)), ...ids].slice(0, 6);
    const isRefuted = (id: string): boolean => judged(claimOf(id)!, solver, FLOAT32, 20).outcome === 'refuted';
    expect(cheapest.some(isRefuted)).toBe(true);
  });
});

describe('at eight bits', () => {
  const coarse = stepping(new Arithmetic(roundingTo(BFLOAT16)), textbook);

  /** Claims without an allowance for rounding: reflections of one or two numbers, and transposition, often give the same. */
  const STILL = /^(contract|escape\/gd-stays|gd\/zero-noise|symmetry)/;

  test('a correct solver is not refuted, and a claim that rounding may hide does not hold', () => {
    const { holds = [], 'not decidable': open = [], ...others } = fates(quick, coarse, BFLOAT16, 6);
    expect(others).toEqual({});
    const how = 'rounding to eight bits may hide what these claims show: see docs/add-a-claim.md#precision';
    expect(
      holds.filter((id) => !STILL.test(id)),
      how,
    ).toEqual([]);
    expect(open).toContain('gd/imbalance-step');
  });

  test('a solver that is finer than it declares is not refuted', () => {
    const { holds: _, 'not decidable': open = [], ...others } = fates(quick, referenceDescent, BFLOAT16, 3);
    expect(others).toEqual({});
    expect(open.length).toBeGreaterThan(10);
  });

  test('a claim about noise is not decidable if rounding is larger', () => {
    const verdict = judged(claimOf('balance/emerges')!, coarse, BFLOAT16, 2);
    expect(verdict).toMatchObject({ outcome: 'not decidable', undecidable: { count: 2, index: 0 } });
    expect(verdict.reason).toMatch(
      /on 2 of 2 instances; on instance 0 a step's noise, .* is less than 16 times its rounding/,
    );
    const { instance } = judged(claimOf('balance/emerges')!, coarse, FLOAT32, 1).closest!;
    expect(drowned({ ...instance, u: FLOAT32 })).toBeUndefined();
    expect(drowned({ ...instance, u: BFLOAT16 })).toBeDefined();
  });

  test('a solver that is wrong by more than that is refuted all the same', () => {
    expect(
      judged(
        claimOf('escape/gd-stays')!,
        (options) => {
          const { X, Y } = plainGd(options);
          return { X, Y, advance: () => void X.add(1) };
        },
        BFLOAT16,
        3,
      ),
    ).toMatchObject({ outcome: 'refuted' });
  });

  test('the verdicts of shards are that of the whole', () => {
    const claim = claimOf('gd/imbalance-kept')!;
    const run = (shard?: { index: number; of: number }): Verdict => ({
      ...judge(claim, inspect(coarse, noWatch, 2 ** -14), { seed: 3, instances: 12, shard, shrink: false }),
      milliseconds: 0,
    });
    const whole = run();
    expect(whole.undecidable!.count).toBeGreaterThan(0);
    expect(mergeVerdicts([run({ index: 2, of: 2 }), run({ index: 1, of: 2 })])).toEqual(whole);
  });
});
