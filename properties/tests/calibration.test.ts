/** The judge is calibrated: it is wrong no more often than the claims declare, on correct solvers and on wrong ones. */
import { describe, expect, test } from 'vitest';
import { blameRates, contradicts, found, rateOf, resolution, shifted, worstChance } from '../cli/calibration.ts';
import { ALLOWED, SUITE } from '../run/chance.ts';
import { judge } from '../explain/judge.ts';
import { inspect } from '../run/subject.ts';
import { tooFew } from '../run/labels.ts';
import { plausibleCounts } from '../claims/balance/binomial.ts';
import { binomialCdf, highestRate } from '../oracles/quantiles.ts';
import { claimOf, claims } from '../claims/registry.ts';
import { freshSeed } from '../model/seeds.ts';
import { frozenNoise, raisedNoise, scaledNoise, scaledStep, withoutNoise } from '../run/violations.ts';
import { calibration, calibrationText, findings } from '../cli/calibrate.ts';
import { SILENT } from '../cli/meter.ts';
import { referenceDescent } from '../oracles/reference-descent.ts';

const seed = Number(process.env['SEED'] ?? freshSeed());
const random = claims.filter(({ random, expected }) => random !== undefined && expected === undefined);
const subject = inspect(referenceDescent);
const options = { seed, instances: SUITE, shrink: false };

describe('random claims', () => {
  test.each(random.map(({ id }) => id))('%s: a trial of a correct solver fails with a chance of at most 1/20', (id) => {
    const effort = { instances: 3, worst: 1, again: 1, climb: 0 };
    expect(contradicts(worstChance(claimOf(id)!, subject, seed, effort), ALLOWED)).toBe(false);
  });

  // A third of them in each run, chosen by the seed; `npm run verify -- --calibrate` measures all.
  const third = random.filter((_, i) => i % 3 === seed % 3);
  test.each(third.map(({ id }) => id))('%s finds the deviation that it declares in a run', (id) => {
    const claim = claimOf(id)!;
    const violation = claim.random!.shift!.by(claim.random!.shift!.finds);
    const [judged, solver] =
      'wrong' in violation ? [claim, violation.wrong(subject.solver)] : [shifted(claim)!, subject.solver];
    // A run misses it with probability up to 0.01, and there are many claims, so the seed is fixed.
    const { outcome } = judge(judged, { ...subject, solver }, { ...options, seed: 1 });
    expect(['refuted', 'statement refuted']).toContain(outcome);
  });

  test.each([withoutNoise, frozenNoise])('limit/closed-form finds $text, and blames the solver', ({ wrong }) => {
    const faulty = { ...subject, solver: wrong(referenceDescent) };
    expect(judge(claimOf('limit/closed-form')!, faulty, options)).toMatchObject({
      outcome: 'refuted',
      refutation: { blame: 'solver' },
    });
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
  const cases = [1, 5, 25, 64].flatMap((n) =>
    [0.01, 0.3, 0.5, 0.9].flatMap((p) => [0.05, 1e-3, 1e-11].map((chance) => [n, p, chance] as const)),
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

  test('an event in all trials has the bound 1', () => {
    expect(highestRate(5, 5, 0.01)).toBe(1);
  });
});

describe('the report', () => {
  const quick = { seed: 1, instances: 4 };

  test('lists the measurements of the true random claims', () => {
    const ids = ['definition/step', 'limit/ends-at-target', 'escape/collapse'];
    const measured = calibration(ids, subject, quick, SILENT);
    expect(measured.claims.map((claim) => claim.id)).toEqual(['escape/collapse']);
    expect(calibrationText(measured)).toMatch(/escape\/collapse +\| sigma1 and sigma2/);
    expect(findings(measured).refuted).toEqual([]);
    // Four instances are too few to bound a chance.
    expect(findings(measured).undecided.join()).toMatch(/largest chance of a trial .*; more instances would decide it/);
  });

  test('refutes declared rates that differ from the measured ones', () => {
    const id = 'escape/time-slope';
    const calibrated = {
      id,
      worst: { ...rateOf(100, 1000), drawn: 10, leastSlack: -1 },
      blamed: [rateOf(100, 1000), rateOf(0, 1000)],
      found: rateOf(1, 1000),
    };
    expect(findings({ seed, instances: 1000, claims: [calibrated] })).toEqual({
      refuted: [
        `refuted: ${id}: 100 of 1000 trials failed on one instance`,
        `refuted: ${id}: 100 of 1000 tests blamed a correct solver at the chance 0.05`,
        `refuted: ${id}: only 1 of 1000 instances found the declared deviation`,
      ],
      undecided: [],
    });
  });

  test('sees in all claims together a rate of blame that no claim has tests enough for', () => {
    const one = {
      id: 'escape/time-slope',
      worst: { ...rateOf(0, 1000), drawn: 10, leastSlack: 0.5 },
      blamed: [rateOf(1, 12), rateOf(1, 12)],
      found: rateOf(100, 1000),
    };
    const many = Array.from({ length: 40 }, () => one);
    expect(findings({ seed, instances: 48, claims: many.slice(0, 1) }).refuted).toEqual([]);
    expect(findings({ seed, instances: 48, claims: many }).refuted.at(-1)).toBe(
      'refuted: all claims together: 40 of 480 tests blamed a correct solver at the chance 0.01',
    );
  });

  test('a claim that fails for a correct solver is seen: the search finds its worst instance', () => {
    const claim = claimOf('balance/martingale')!;
    // Fails on one half of the instances, always.
    const failing = { ...claim, check: (...args: Parameters<typeof claim.check>) => {
      const evidence = claim.check(...args);
      return args[1].M.length > 2 ? { ...evidence, slack: -1 } : evidence;
    } }; // prettier-ignore
    const worst = worstChance(failing, subject, seed, { instances: 12, worst: 2, again: 3, climb: 4 });
    expect(worst).toMatchObject({ hits: 48, trials: 48 });
    expect(contradicts(worst, ALLOWED)).toBe(true);
  });

  test('the exact test stays below the chance at which it is made', () => {
    for (const [i, rate] of blameRates(claimOf('escape/collapse')!, subject, seed, 40).entries())
      expect(contradicts(rate, [1 / 20, 1 / 100][i]!)).toBe(false);
  });

  test('a gross error is found by nearly every instance, and a resolution is a share', () => {
    // A claim that is quick to check.
    const claim = claimOf('reduced/chi-squares')!;
    expect(found(claim, subject, 3, seed, 20).atLeast).toBeGreaterThan(0.045);
    const { finds } = claim.random!.shift!;
    const finest = resolution(claim, subject, seed, 8, true)!;
    expect(finest).toBeGreaterThan(0);
    expect(finest).toBeLessThanOrEqual(Math.abs(finds));
    expect(resolution(claim, subject, seed, 8, false)).toBeGreaterThan(Math.abs(finds));
  });
});
