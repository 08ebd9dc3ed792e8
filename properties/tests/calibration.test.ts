/** The judge is calibrated: it is wrong no more often than the claims declare, on right solvers and on wrong ones. */
import { describe, expect, test } from 'vitest';
import { perturbedGradientDescent } from '../../src/index.ts';
import {
  alarms,
  contradicts,
  crossings,
  implausibleCounts,
  rateOf,
  throughout,
  misses,
  VISIBLE,
  violated,
} from '../judging/calibration.ts';
import { SUITE } from '../judging/errors.ts';
import { judge } from '../judging/judge.ts';
import { inspect } from '../judging/subject.ts';
import { tooFew } from '../judging/labels.ts';
import { plausibleCounts } from '../oracles/binomial.ts';
import { binomialCdf, highestRate } from '../oracles/quantiles.ts';
import { claimOf, claims } from '../registry.ts';
import { freshSeed } from '../seeds.ts';
import { frozenNoise, raisedNoise, scaledNoise, scaledStep, withoutNoise } from '../judging/violations.ts';
import { calibration, calibrationText, findings } from '../verify/calibrate.ts';
import { SILENT } from '../verify/meter.ts';

const seed = Number(process.env['SEED'] ?? freshSeed());
const random = claims.filter(({ errors }) => errors !== undefined);
const subject = inspect(perturbedGradientDescent);
const options = { seed, instances: SUITE, shrink: false };

describe('claims that random numbers decide', () => {
  test.each(random.map(({ id }) => id))('%s does not alarm at the null', (id) => {
    const claim = claimOf(id)!;
    expect(contradicts(alarms(claim, seed, 3), claim.errors!.alpha)).toBe(false);
  });

  const detecting = random.filter(({ errors }) => errors!.detects !== undefined);
  test.each(detecting.map(({ id }) => id))('%s catches its violation in a run', (id) => {
    expect(judge(violated(claimOf(id)!)!, subject, options).outcome).toBe('refuted');
  });

  test.each([withoutNoise, frozenNoise])('limit/closed-form catches $text', (detects) => {
    const claim = claimOf('limit/closed-form')!;
    const alternative = violated({ ...claim, errors: { ...claim.errors!, detects } })!;
    expect(judge(alternative, subject, options).outcome).toBe('refuted');
  });
});

describe('violations', () => {
  test('say what is wrong', () => {
    const texts = [
      scaledNoise(1.05, 1.05),
      scaledNoise(1, 0.7),
      scaledNoise(2, 1.1),
      scaledStep(1 / 4),
      raisedNoise(2),
    ];
    expect(texts.map(({ text }) => text)).toEqual([
      'sigma1 and sigma2 5 % too large',
      'sigma2 30 % too small',
      'sigma1 2 times too large, sigma2 10 % too large',
      'the step size 4 times too small',
      'sigma1 and sigma2 to the power of 2',
    ]);
  });
});

describe('building blocks', () => {
  test('the self-normalised bound is crossed no more often than it says', () => {
    expect(contradicts(crossings(seed, 40), VISIBLE)).toBe(false);
  });

  test('counts of runs are implausible no more often than they say', () => {
    expect(contradicts(implausibleCounts(seed, 40), VISIBLE)).toBe(false);
  });

  const cases = [1, 5, 25, 64].flatMap((n) =>
    [0.01, 0.3, 0.5, 0.9].flatMap((p) => [VISIBLE, 1e-3, 1e-11].map((chance) => [n, p, chance] as const)),
  );
  test.each(cases)(
    'plausible counts of %d trials at %d leave %d on either side, and no narrower ones do',
    (n, p, chance) => {
      const [least, most] = plausibleCounts(n, [p, p], chance);
      const below = (count: number): number => binomialCdf(count - 1, n, p);
      const above = (count: number): number => binomialCdf(n - count - 1, n, 1 - p);
      expect(below(least)).toBeLessThanOrEqual(chance);
      expect(above(most)).toBeLessThanOrEqual(chance);
      if (least < n) expect(below(least + 1)).toBeGreaterThan(chance);
      if (most > 0) expect(above(most - 1)).toBeGreaterThan(chance);
    },
  );

  /** P(Bin(n, tenths/10) <= count), in exact arithmetic up to the last division. */
  function exactly(count: number, n: number, tenths: number): number {
    let [sum, choices] = [0n, 1n];
    for (let k = 0; k <= count; k++) {
      sum += choices * BigInt(tenths) ** BigInt(k) * BigInt(10 - tenths) ** BigInt(n - k);
      choices = (choices * BigInt(n - k)) / BigInt(k + 1);
    }
    return Number((sum * 10n ** 30n) / 10n ** BigInt(n)) / 1e30;
  }

  test.each([20, 100, 400])('of %d instances so few have a label with a chance below 1e-9, and no more would', (n) => {
    for (const tenths of [1, 3, 5]) {
      const few = Array.from({ length: n + 1 }, (_, count) => count).filter((count) => tooFew(count, n, tenths / 10));
      if (few.length > 0) expect(exactly(few.at(-1)!, n, tenths)).toBeLessThan(1e-9);
      expect(exactly(few.length, n, tenths)).toBeGreaterThanOrEqual(1e-9);
    }
  });

  test('a label with a thirtieth of its share is missed in a hundred instances with a chance of 1 % at most', () => {
    const few = Array.from({ length: 101 }, (_, count) => count).filter((count) => tooFew(count, 100, 3 / 10));
    expect(1 - binomialCdf(few.length - 1, 100, 1 / 100)).toBeLessThan(1 / 100);
  });

  test.each([
    [0, 50],
    [3, 50],
    [49, 50],
  ])('the bound on the rate after %d of %d has the chance that it says', (hits, n) => {
    expect(binomialCdf(hits, n, highestRate(hits, n, 0.01))).toBeCloseTo(0.01, 9);
  });

  test('whatever always happens is bounded by 1', () => {
    expect(highestRate(5, 5, 0.01)).toBe(1);
    expect(throughout(1)).toBe(1);
  });
});

describe('the report', () => {
  test('says what was measured, and what speaks against the declarations', () => {
    const id = 'limit/ends-at-target';
    const found = calibration(['definition/step', id, 'escape/time-slope'], { seed: 1, instances: 2 }, SILENT);
    expect(found.claims.map((claim) => claim.id)).toEqual([id, 'escape/time-slope']);
    expect(calibrationText(found)).toMatch(/escape\/time-slope +\| sigma1 and sigma2 to the power of/);
    // Two instances are too few to show that beta is small; they do not speak against it.
    expect(findings(found).refuted).toEqual([]);
    expect(findings(found).undecided.join()).toMatch(
      /time-slope misses its violation .*; more instances would decide it/,
    );
  });

  test('refutes what is declared where the rates are higher', () => {
    const [one, two] = ['escape/time-slope', 'escape/saddles'] as const;
    const never = { ...rateOf(0, 1000), leastSlack: 1 };
    const report = {
      seed,
      instances: 1000,
      claims: [
        { id: one, alarms: { ...rateOf(1, 1000), leastSlack: -1 }, misses: rateOf(500, 1000) },
        { id: two, alarms: never, misses: rateOf(990, 1000) },
      ],
      blocks: [{ text: 'a block alarms', rate: rateOf(100, 1000) }],
    };
    const { refuted, undecided } = findings(report);
    expect(undecided).toEqual([]);
    expect(refuted).toEqual([
      'refuted: escape/time-slope was wrong on 1 of 1000 instances',
      expect.stringMatching(/escape\/saddles misses its violation/),
      'refuted: a block alarms, in 100 of 1000 trials',
    ]);
  });

  test('misses are those of the violated claim', () => {
    expect(misses(claimOf('escape/median-time')!, seed, 2).trials).toBe(2);
  });
});
