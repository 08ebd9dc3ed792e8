/** The judge: solvers that it must refute, solvers that it must pass, and the size of its counterexamples. */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { Solver } from '../../src/index.ts';
import { referenceDescent } from '../oracles/reference-descent.ts';
import alternating from '../../fixtures/mutants/alternating.ts';
import momentum from '../../fixtures/mutants/momentum.ts';
import noiseOnIterate from '../../fixtures/mutants/noise-on-iterate.ts';
import noiseOnXOnly from '../../fixtures/mutants/noise-on-x-only.ts';
import plainGd from '../../fixtures/mutants/plain-gd.ts';
import sameNoise from '../../fixtures/mutants/same-noise-every-step.ts';
import sigmasSwapped from '../../fixtures/mutants/sigmas-swapped.ts';
import textbook from '../../fixtures/equivalent/textbook.ts';
import { atLeast, atMost, equal, holds, worst, type Claim } from '../model/claim.ts';
import { design } from '../generate/design.ts';
import { filesIn } from '../cli/files.ts';
import { shortRuns } from '../instances/designs.ts';
import { judge } from '../explain/judge.ts';
import { inspect } from '../run/subject.ts';
import type { Verdict } from '../model/verdict.ts';
import { claimOf, claims } from '../claims/registry.ts';
import { freshSeed } from '../model/seeds.ts';
import { EXIT, exitCodeFor } from '../cli/exit.ts';
import { closingCounts } from './npm-test/counts.ts';
import { survivors } from '../cli/kills.ts';
import { refutationText } from '../explain/refutation.ts';
import { derivedText, table } from '../explain/words.ts';

const seed = Number(process.env['SEED'] ?? freshSeed());

function judged(id: string, solver: Solver, options: { instances?: number; only?: string } = {}): Verdict {
  const claim = claims.find((each) => each.id === id)!;
  return judge(claim, inspect(solver), { seed, instances: 20, ...options });
}

describe('mutants are refuted', () => {
  const cases: [string, Solver, string][] = [
    ['plain GD in disguise', plainGd, 'balance/emerges'],
    ['noise on X only', noiseOnXOnly, 'definition/step'],
    ['noise on X only', noiseOnXOnly, 'limit/closed-form'],
    ['the same noise every step', sameNoise, 'contract/fresh-noise'],
    ['the same noise every step', sameNoise, 'limit/closed-form'],
    ['noise added to the iterate', noiseOnIterate, 'smoothing/mean-step'],
    ['noise added to the iterate', noiseOnIterate, 'limit/closed-form'],
    ['sigma1 and sigma2 swapped', sigmasSwapped, 'definition/step'],
    ['momentum', momentum, 'definition/step'],
    ['alternating update', alternating, 'gd/imbalance-step'],
  ];
  test.each(cases)('%s', (_, solver, id) => {
    const verdict = judged(id, solver);
    expect(verdict.outcome).toBe('refuted');
    const { M, X0 } = verdict.refutation!.instance;
    expect(M.length * M[0]!.length * X0[0]!.length).toBeLessThanOrEqual(4);
    // The replay finds the very instance again.
    const again = judged(id, solver, { only: verdict.refutation!.replay });
    expect(again.refutation!.instance).toEqual(verdict.refutation!.instance);
  });
});

/** SEEDS=50 also tries that number of fresh seeds, and all equivalent solvers on INSTANCES=10 (docs/soak.md). */
const more = Array.from({ length: Number(process.env['SEEDS'] ?? 0) }, freshSeed);

test('every mutant is refuted', { timeout: 600_000 }, async () => {
  expect(await survivors([seed, ...more], 100)).toEqual(new Map());
});

describe('equivalent solvers pass', () => {
  // Claims about the theory alone do not run the solver.
  const aboutSolvers = claims.filter(({ needs, expected }) => needs !== 'theory' && expected === undefined);
  test.each(aboutSolvers.map(({ id }) => id))('the textbook solver: %s', (id) => {
    expect(judged(id, textbook, { instances: 3 })).toMatchObject({ outcome: 'holds' });
  });

  test.runIf(more.length > 0).each(filesIn('fixtures/equivalent'))(
    '%s, if SEEDS are given',
    { timeout: 3_600_000 },
    async (name) => {
      const file = pathToFileURL(resolve('fixtures', 'equivalent', name)).href;
      const subject = inspect(((await import(file)) as { default: Solver }).default);
      const instances = Number(process.env['INSTANCES'] ?? 10);
      const verdicts = more.flatMap((seed) =>
        aboutSolvers.map((claim) => ({ seed, ...judge(claim, subject, { seed, instances, shrink: false }) })),
      );
      const failed = verdicts.filter(({ outcome }) => outcome !== 'holds' && outcome !== 'not applicable');
      expect(failed.map(({ id, seed, outcome }) => `${id} under seed ${seed}: ${outcome}`)).toEqual([]);
    },
  );
});

const planted = (check: Claim['check'], accepts?: () => boolean): Claim => ({
  ...claims[0]!,
  id: 'planted/claim',
  instances: design({ ...shortRuns([1]), ...(accepts === undefined ? {} : { accepts }) }),
  check,
});

describe('planted claims', () => {
  const subject = inspect(referenceDescent);
  const options = { seed: 1, instances: 100 };

  test('a false one is refuted on the smallest instance, and says so', () => {
    const verdict = judge(
      planted((_, { M }) => atMost('rows', M.length, 1, 0)),
      subject,
      options,
    );
    // It fails for every solver, so the statement is wrong.
    expect(verdict).toMatchObject({ outcome: 'statement refuted', refutation: { blame: 'statement' } });
    expect(verdict.refutation!.instance).toMatchObject({ M: [[0], [0]], X0: [[0], [0]], Y0: [[0]] });
    const text = refutationText(
      planted(() => equal('', 0, 0, 0)),
      verdict.refutation!,
      'the command',
    );
    expect(text).toMatch(/^STATEMENT REFUTED {2}planted\/claim/);
    expect(text).toMatch(/No solver is blamed\. Please report it/);
    expect(text).toMatch(/M = \[ 0 \]\n {6}\[ 0 \]/);
    expect(text).toMatch(
      /Expected left <= right, for rows\. Found:\n {2}left = 2\n {2}right = 1\n {2}off by 1, and the/,
    );
    expect(text).toMatch(/Replay: the command$/);
  });

  test('an ablation alone needs no count, and its refutation is headed as the expected one', () => {
    const ablation = claimOf('gd/imbalance-step#1')!;
    const verdict = judge(ablation, subject, options);
    expect(verdict.outcome).toBe('refuted as expected');
    expect(refutationText(ablation, verdict.refutation!, '')).toMatch(/^REFUTED AS EXPECTED {2}gd\/imbalance-step#1/);
    expect(table([verdict])).not.toContain('0/1');
    expect(table([{ ...verdict, id: 'gd/imbalance-step', outcome: 'holds' }, verdict])).toContain('1/1');
  });

  test('NaN refutes', () => {
    const broken: Claim['check'][] = [
      () => equal('x', NaN, NaN, 1),
      () => atMost('x', NaN, 1, 1),
      () => atLeast('x', Infinity, 1, Infinity),
    ];
    for (const check of broken) expect(judge(planted(check), subject, options).outcome).toBe('statement refuted');
  });

  test('a filter that lets nothing pass, or too little, leaves it undecided', () => {
    expect(
      judge(
        planted(
          () => equal('x', 0, 0, 0),
          () => false,
        ),
        subject,
        options,
      ).outcome,
    ).toBe('undecided');
    let count = 0;
    const rarely = planted(
      () => equal('x', 0, 0, 0),
      () => ++count % 3 === 0,
    );
    expect(judge(rarely, subject, options)).toMatchObject({
      outcome: 'undecided',
      filter: { drawn: 300, accepted: 100 },
    });
  });

  test('one whose instances are all alike is undecided if other labels are required', () => {
    const alike = { ...planted(() => equal('x', 0, 0, 0)), covers: { 'start at 0': 1 / 2 } };
    const verdict = judge(alike, subject, options);
    expect(verdict.outcome).toBe('undecided');
    expect(verdict.reason).toMatch(
      /^coverage too low: \d+ of 100 instances have the label "start at 0", at least 50 % are required: change/,
    );
  });

  test('a check that compares nothing is an error, not a pass', () => {
    expect(() =>
      judge(
        planted(() => worst([])),
        subject,
        options,
      ),
    ).toThrow('a check compared nothing');
  });
});

describe('planted failures turn a run red', () => {
  const subject = inspect(referenceDescent);
  const options = { seed: 1, instances: 20, shrink: false };
  const right: Claim['check'] = () => equal('x', 0, 0, 0);
  const cases: [string, Claim, Partial<typeof options>, number][] = [
    ['a right claim does not', planted(right), {}, EXIT.holds],
    ['a false claim', planted(() => equal('x', 0, 1, 0)), {}, EXIT.statement],
    ['a false form that holds', { ...planted(right), expected: 'refuted' }, {}, EXIT.statement],
    ['a claim whose hypotheses nothing satisfies', planted(right, () => false), {}, EXIT.undecided],
    ['a claim that is given no instances', planted(right), { instances: 0 }, EXIT.undecided],
    [
      'a claim whose instances are not what it asks for',
      { ...planted(right), covers: { '1 x 1': 1 } },
      {},
      EXIT.undecided,
    ],
  ];
  test.each(cases)('%s', (_, claim, change, code) => {
    const verdict = judge(claim, subject, { ...options, ...change });
    expect(exitCodeFor([verdict])).toBe(code);
    // The reason of an undecided claim names a way to decide it.
    if (code === EXIT.undecided) expect(verdict.reason).toMatch(/(: ask|: give|: change) /);
  });

  test('a claim that never runs', () => {
    expect(exitCodeFor([{ outcome: 'holds' }, { outcome: 'not run' }])).toBe(EXIT.undecided);
  });

  test('under npm test, a claim that never runs', () => {
    const meta = { verdict: { id: 'planted/claim', outcome: 'holds', instances: 7 } };
    const result = { testResults: [{ assertionResults: [{ meta }] }], numPassedTests: 1, numFailedTests: 0 };
    const counts = closingCounts([result], ['planted/claim', 'planted/forgotten']);
    expect(counts).toMatchObject({ neverRan: ['planted/forgotten'], claims: 1, instances: 7, failed: 0 });
  });

  test('ablations and tightness checks are counted apart, and kinds without any are left out', () => {
    const [one, two, tight] = ['a/b#1', 'a/b#2', 'a/b#tight'].map((id) => ({ id }));
    expect(derivedText([one!, two!, tight!])).toBe('2 ablations and 1 tightness check');
    expect(derivedText([two!])).toBe('1 ablation');
    expect(derivedText([])).toBe('');
  });
});

describe('slack', () => {
  test('is 1 at equality, 0 at the tolerance, -Infinity or 1 if the tolerance is 0', () => {
    expect(equal('', 1, 1, 0.5).slack).toBe(1);
    expect(equal('', 1, 1.5, 0.5).slack).toBe(0);
    expect(holds(equal('', 1, 2, 0.5))).toBe(false);
    expect(equal('', 1, 1, 0).slack).toBe(1);
    expect(equal('', 1, 2, 0).slack).toBe(-Infinity);
    expect(equal('', 0, -0, 0).slack).toBe(1);
    expect(atMost('', 1, 2, 0).slack).toBe(1);
    expect(atLeast('', 1, 2, 0).slack).toBe(-Infinity);
  });
});
