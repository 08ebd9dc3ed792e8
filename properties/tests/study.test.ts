/** The study of an optimiser: its statistics, its findings on known optimisers, the command, its file and its page. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseHTML } from 'linkedom';
import seedrandom from 'seedrandom';
import { afterAll, describe, expect, test } from 'vitest';
import { InvalidInput, Matrix, type Solver } from '../../src/index.ts';
import { accessFaults, fitsWidth, hasBrowser, inBrowser, launchBrowser, openPage } from './browser.ts';
import { inspect } from '../run/subject.ts';
import { plausibleCounts } from '../claims/balance/binomial.ts';
import { chanceOfFailures } from '../oracles/exact-tests.ts';
import { binomialCdf } from '../oracles/quantiles.ts';
import { referenceDescent } from '../oracles/reference-descent.ts';
import { balance } from '../study/balance.ts';
import { conclusions } from '../study/conclusions.ts';
import { coverageOf } from '../study/coverage.ts';
import { escape } from '../study/escape.ts';
import type { Experiment } from '../study/experiment.ts';
import { readStudies, writeStudies } from '../cli/study/file.ts';
import { depth, fewest, medianInterval, shareInterval } from '../study/intervals.ts';
import { predicted, SCHEMA_FILE } from '../cli/study/ledger.ts';
import { limits } from '../study/limits.ts';
import { noise } from '../study/noise.ts';
import { gradientDescent, labelNoise, optimisers } from '../study/optimisers.ts';
import { page } from '../report/study/page.ts';
import { JOINT_ERROR } from '../study/plan.ts';
import { checked, generated, givenProblem } from '../study/problems.ts';
import { agrees, idsOf, TOO_MANY, type Quantity } from '../study/quantity.ts';
import { jsonSchema } from '../study/schema.ts';
import { stability } from '../study/stability.ts';
import { study, studySubject, type Study } from '../study/study.ts';
import { againstText, studyText } from '../study/text.ts';

const folder = mkdtempSync(join(tmpdir(), 'flat-minima-study-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Large steps, one problem, few experiments: some hundredths of a second. */
const small = (
  solver: Solver,
  experiments: readonly Experiment[],
  { seed = 1, units = 16, name = 'square' } = {},
): Promise<Study> =>
  studySubject(inspect(solver), {
    name: 'it',
    ...{ seed, units, experiments, step: 1 / 8, claims: false },
    problems: generated(1 / 8).filter((problem) => problem.name === name),
  });

describe('intervals', () => {
  test('of a median: the ranks follow from the binomial distribution', () => {
    // 2 P(Bin(6, 1/2) < 1) = 1/32.
    expect(medianInterval([3, 1, 2, 5, 4, 6], 1 / 32)).toEqual({ estimate: 3.5, lower: 1, upper: 6 });
    expect(medianInterval([3, 1, 2, 5, 4, 6], 1 / 33)).toMatchObject({ lower: -Infinity, upper: Infinity });
    expect([fewest(1 / 32), fewest(1 / 33)]).toEqual([6, 7]);
    for (const error of [0.05, 1e-3, 5e-4])
      expect([depth(fewest(error) - 1, error), depth(fewest(error), error)]).toEqual([0, 1]);
    // P(Bin(20, 1/2) <= 5) = 0.0207 and P(Bin(20, 1/2) <= 6) = 0.0577.
    expect(depth(20, 0.05)).toBe(6);
  });

  test('a value that is not known widens the interval both ways', () => {
    const values = Array.from({ length: 19 }, (_, i) => i);
    const { lower, upper } = medianInterval([...values, 19], 0.05);
    const [j] = [depth(20, 0.05)];
    expect([lower, upper]).toEqual([j - 1, 20 - j]);
    expect(medianInterval([...values, NaN], 0.05)).toMatchObject({ lower: j - 2, upper: 19 - j + 1 });
    expect(
      medianInterval(
        values.map(() => NaN),
        0.05,
      ),
    ).toMatchObject({ lower: -Infinity, upper: Infinity });
  });

  test('of a share: Clopper and Pearson', () => {
    // 0 of 10: 1 - (0.025)^(1/10) = 0.3085.
    expect(shareInterval(Array<number>(10).fill(0), 0.05)).toMatchObject({ estimate: 0, lower: 0 });
    expect(shareInterval(Array<number>(10).fill(0), 0.05).upper).toBeCloseTo(0.3085, 4);
    expect(shareInterval([1, 1, 1, NaN], 0.05).lower).toBeCloseTo(shareInterval([1, 1, 1, 0], 0.05).lower, 12);
    expect(shareInterval([0, 0, 0, NaN], 0.05).upper).toBeCloseTo(shareInterval([0, 0, 0, 1], 0.05).upper, 12);
  });
});

describe('the intervals cover', () => {
  const cases: [string, Solver, readonly Experiment[]][] = [
    ['gradient descent', gradientDescent, [balance]],
    ['perturbed descent', referenceDescent, [balance, escape, noise]],
  ];
  test.each(cases)('%s', async (name, solver, experiments) => {
    const problems = generated(1 / 8).slice(0, 1);
    const found = await coverageOf({ solver, name, experiments, problems, studies: 24, truth: 150 });
    // More misses than this have probability 1e-6 if each study misses with probability 1/20.
    const chance = chanceOfFailures({ failed: found.missing, of: found.studies }, JOINT_ERROR);
    expect(chance, JSON.stringify(found)).toBeGreaterThan(1e-6);
  });

  test('as often as the binomial distribution says, for a skewed distribution with a known median', () => {
    const [n, error, samples] = [15, 0.1, 2000];
    const random = seedrandom('skewed');
    const covered = Array.from({ length: samples }, () => {
      // The cube of a uniform number has the median 1/8.
      const { lower, upper } = medianInterval(
        Array.from({ length: n }, () => random() ** 3),
        error,
      );
      return lower <= 1 / 8 && upper >= 1 / 8;
    }).filter(Boolean).length;
    const chance = 1 - 2 * binomialCdf(depth(n, error) - 1, n, 1 / 2);
    const [least, most] = plausibleCounts(samples, [chance, chance], 1e-6);
    expect(covered).toBeGreaterThanOrEqual(least);
    expect(covered).toBeLessThanOrEqual(most);
  });
});

describe('known optimisers agree with the theory', () => {
  // The noisy ones on the tall problem, where gamma distinguishes label noise from noise on the factors.
  test.each(optimisers.map((each) => [each.name, each] as const))('%s', async (_, known) => {
    const fast = [balance, noise, ...(known.name === 'label noise' ? [limits] : [])];
    const found = await small(known.solver, fast, { name: 'tall' });
    for (const [quantity, prediction] of predicted(known, found)) {
      expect(agrees(quantity, prediction), `${JSON.stringify(quantity)} ${JSON.stringify(prediction)}`).toBe(true);
    }
  });

  test('momentum moves the border of stability', async () => {
    const momenta = optimisers.filter(({ name }) => name === 'heavy ball' || name === 'Nesterov');
    for (const known of momenta) {
      const found = await small(known.solver, [stability], { units: 6 });
      const [quantity, prediction] = predicted(known, found)[0]!;
      expect(quantity.estimate).toBeCloseTo(prediction.value, 1);
    }
  });

  test('conclusions are sentences that say which is which', async () => {
    const of = async (solver: Solver): Promise<string> =>
      conclusions((await small(solver, [balance, noise], { units: 24 })).quantities, 1 / 8).join(' ');
    expect(await of(gradientDescent)).toMatch(/^Conserves the imbalance X'X - Y'Y: it loses at most [\d.]+ % of it/);
    expect(await of(referenceDescent)).toMatch(/^Balances X'X and Y'Y at a rate proportional to eta\^\(1\.\d+ \+- /);
    expect(await of(labelNoise)).toMatch(/^Balances .*, like label noise and unlike perturbed descent\./);
  });
});

const shown = await small(referenceDescent, [balance, escape, noise]);

describe('output', () => {
  test('the table has a line for each quantity, with both theories next to it', () => {
    const text = studyText(shown);
    expect(text).toMatch(/^quantity +square +GD +perturbed$/m);
    expect(text).toMatch(/^imbalance lost in that time +0\.\d+±0\.\d+ p +0 +0\.632$/m);
    expect(text).toMatch(/^All 11 intervals hold together with probability 95 %/m);
    expect(
      Math.max(
        ...text
          .split('\n')
          .filter((line) => /^\w.* {2}/.test(line))
          .map((line) => line.length),
      ),
    ).toBeLessThan(150);
  });

  test('an undecided quantity has the required number of units', async () => {
    const { quantities, ...rest } = await small(referenceDescent, [escape], { units: 3 });
    expect(quantities.every(({ needs }) => needs !== undefined && needs > 3)).toBe(true);
    expect(studyText({ quantities, ...rest })).toMatch(
      /Undecided with 3 units, with the number of units required: "steps from the origin/,
    );
  });

  test('the file can be read again, and refuses another form', () => {
    const file = join(folder, 'study.json');
    writeStudies(file, [shown]);
    expect(readStudies(file)).toEqual([shown]);
    expect(JSON.parse(readFileSync(join(folder, 'study.schema.json'), 'utf8'))).toEqual(JSON.parse(jsonSchema()));
    writeFileSync(file, readFileSync(file, 'utf8').replace('"units"', '"unit"'));
    expect(() => readStudies(file)).toThrow(/is not a study of this version \(studies\.0.*run the study again/);
  });

  test('the published schema is that of the file', () => {
    expect(readFileSync(SCHEMA_FILE, 'utf8')).toBe(jsonSchema());
  });

  test('the page has four pictures, the conclusions and all quantities', () => {
    const { document } = parseHTML(page([{ ...shown, solver: '<b>odd</b>' }]));
    expect(document.querySelectorAll('figure svg[role=img]').length).toBe(4);
    expect(document.querySelectorAll('tbody tr').length).toBe(11);
    expect(document.querySelector('h1')!.textContent).toBe('Study of <b>odd</b>');
    expect(document.querySelector('.conclusion')!.textContent).toContain("Balances X'X and Y'Y");
  });

  test('two optimisers: differences that are certain', async () => {
    const other = await small(gradientDescent, [balance, escape, noise]);
    expect(againstText(shown, other)).toMatch(/imbalance lost in that time +square +0\.\d+±0\.\d+ +\S+/);
    expect(againstText(shown, shown)).toMatch(/no difference is certain/);
  });
});

describe.runIf(hasBrowser)(inBrowser('the page in a browser'), () => {
  test('fits a phone and has no fault that axe finds', async () => {
    const file = join(folder, 'index.html');
    writeFileSync(file, page([shown, { ...shown, solver: 'other' }]));
    const browser = await launchBrowser();
    try {
      const { page: opened, complaints } = await openPage(browser, file, { at: 'phone' });
      expect(await fitsWidth(opened)).toBe(true);
      expect(await accessFaults(opened)).toEqual([]);
      expect(complaints).toEqual([]);
    } finally {
      await browser.close();
    }
  });
});

describe('the function', () => {
  test('the same seed and units give the same study', async () => {
    const { secondsPerUnit: _, ...one } = shown;
    const { secondsPerUnit: __, ...again } = await small(referenceDescent, [balance, escape, noise]);
    expect(again).toEqual(one);
  });

  test.each([
    [{ units: 0 }, /units is 0: give a whole number/],
    [{ minutes: -1 }, /minutes is -1/],
    [{ step: 2 }, /step is 2/],
    [{ precision: 'float8' }, /precision is float8, which is unknown/],
    [
      { minutes: 1e-5 },
      /the fewest runs that decide anything take about .* minutes, and there are 0\.00001: give more --minutes/,
    ],
  ])('%j is refused', async (settings, message) => {
    await expect(study({ solver: referenceDescent, ...settings })).rejects.toThrow(message);
    await expect(study({ solver: referenceDescent, ...settings })).rejects.toThrow(InvalidInput);
  });

  test('a solver that throws is one sentence', async () => {
    const solver: Solver = () => {
      throw new Error('no luck');
    };
    await expect(study({ solver, units: 1, claims: false })).rejects.toThrow(
      /^the solver threw when .*: no luck; verify shows the line of your file$/,
    );
  });

  test('one that diverges everywhere is a result', async () => {
    const solver: Solver = (options) => referenceDescent({ ...options, stepSize: 64 * options.stepSize });
    const found = await small(solver, [balance, limits], { units: 12 });
    expect(found.conclusions).toEqual(['Every run diverges: choose a smaller --step.']);
    expect(studyText(found)).toBe('Every run diverges: choose a smaller --step.');
    // No number is too large for the file.
    expect(found.quantities.every(({ needs = 0 }) => needs <= TOO_MANY)).toBe(true);
  });

  test('gradient descent may diverge although the optimiser does not: nothing is known of their ratio', async () => {
    const cautious: Solver = (options) => referenceDescent({ ...options, stepSize: options.stepSize / 8 });
    const { quantities } = await studySubject(inspect(cautious), {
      ...{ name: 'it', seed: 1, units: 12, experiments: [limits], step: 1, claims: false },
      problems: generated(1).filter(({ name }) => name === 'square'),
    });
    const of = (id: string): Partial<Quantity> => quantities.find((each) => each.id === id)!;
    expect(of('flatness/sharpness').needs).toBeUndefined();
    expect(of('flatness/to-gd').needs).toBeGreaterThan(12);
  });

  test('each singular value has a shrinkage, one after the other', async () => {
    const { quantities } = await studySubject(inspect(referenceDescent), {
      ...{ name: 'it', seed: 1, units: 12, experiments: [limits], step: 1 / 8, claims: false },
      problems: generated(1 / 8).filter(({ name }) => ['square', 'condition 1'].includes(name)),
    });
    const shrinkages = quantities.filter(({ id }) => id.startsWith('limit/shrinkage'));
    expect(shrinkages.map(({ id, problem }) => [problem, id.at(-1)])).toEqual([
      ['square', '1'],
      ...['1', '2', '3'].map((i) => ['condition 1', i]),
    ]);
    for (const each of shrinkages) expect(agrees(each, each.theory.perturbed!)).toBe(true);
    const ids = idsOf(quantities);
    expect(ids.slice(ids.indexOf('limit/shrinkage-1')).slice(0, 4)).toEqual([
      ...['1', '2', '3'].map((i) => `limit/shrinkage-${i}`),
      'limit/distance',
    ]);
  });

  test('targets without a gap are refused with a better rank', () => {
    const target = new Matrix([[2, 0, 0], [0, 1, 0], [0, 0, 1]]); // prettier-ignore
    expect(() => checked(givenProblem(target, 2))).toThrow(
      /no gap behind its singular value 2: .* give --rank 1 or 3$/,
    );
    expect(() => checked(givenProblem(Matrix.zeros(2, 2), 1))).toThrow(/the target is zero/);
    expect(checked(givenProblem(target, 1)).rank).toBe(1);
  });
});
