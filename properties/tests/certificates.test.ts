/**
 * Certificates of refutations: examples/check_certificate.py, which shares nothing with this project, confirms those of
 * faulty solvers, and rejects false ones. Two processes check them all.
 */
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { scriptedNoise, type Solver } from '../../src/index.ts';
import momentum from '../../fixtures/mutants/momentum.ts';
import { asWords } from '../cli/files.ts';
import { blockSize, iterate, matrix, noiseTape, optionsOf, startOf, type Instance } from '../model/instance.ts';
import { judge } from '../explain/judge.ts';
import { inspect } from '../run/subject.ts';
import type { Refutation, Verdict } from '../model/verdict.ts';
import { departure } from '../oracles/exact-path.ts';
import type { StepsCertificate } from '../model/certificate.ts';
import { FOLDER, keep, readAll, readSaved } from '../cli/counterexamples.ts';
import { claimOf } from '../claims/registry.ts';
import { instanceSeed } from '../model/seeds.ts';
import { evidenceOf, evidenceText } from '../cli/evidence.ts';
import { mutantNames } from '../cli/kills.ts';
import { CHAOS, instance, refutations, refuted, type Refuted } from './planted.ts';

const CHECKER = join('examples', 'check_certificate.py');
const hasPython = spawnSync('python3', ['-c', 'import math; math.hypot(1, 2, 3)']).status === 0;

/** Deterministic claims that are quick to check; each is tried on the first instances of one seed with at most 64 steps. */
const QUICK = [
  'definition/step',
  'contract/advance-adds',
  'contract/fresh-noise',
  'contract/input-untouched',
  'contract/no-shared-state',
  'contract/noise-consumed',
  'smoothing/dependent-noise',
  'smoothing/mean-step',
  'balance/pathwise',
  'gd/descent',
  'gd/imbalance-kept',
  'gd/imbalance-step',
  'gd/zero-noise',
  'symmetry/scaling',
  'symmetry/transpose',
  'ye-du/blocks',
  'reduced/step',
];
const [SEED, INSTANCES, STEPS] = [6, 2, 64];

const folder = mkdtempSync(join(tmpdir(), 'flat-minima-certificates-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: unknown): string {
  const path = join(folder, `${name}.json`);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content, asWords));
  return path;
}

const load = async (...path: string[]): Promise<Solver> =>
  ((await import(pathToFileURL(resolve('fixtures', ...path)).href)) as { default: Solver }).default;

const drawn = new Map(
  QUICK.map((id) => {
    const arbitrary = claimOf(id)!.instances();
    if (typeof arbitrary === 'string') throw new Error(arbitrary);
    const draw = (index: number): Instance =>
      fc.sample(arbitrary, { seed: instanceSeed(SEED, id, index), numRuns: 1, unbiased: true })[0]!;
    return [id, Array.from({ length: INSTANCES }, (_, index) => draw(index)).filter(({ steps }) => steps <= STEPS)];
  }),
);

async function refutationsBy(name: string): Promise<Refuted[]> {
  const subject = inspect(await load('mutants', `${name}.ts`));
  const ids = QUICK.filter((id) => !subject.ownNoise || claimOf(id)!.needs !== 'injected noise');
  return ids.flatMap(
    (id) =>
      drawn
        .get(id)!
        .map((each) => refuted(id, subject, each))
        .find(Boolean) ?? [],
  );
}

/** As if a correct solver were blamed for its rounding: its iterate at the end, and a bound of 0. */
function slander(solver: Solver, run: Instance): Refuted {
  const { M, X0, Y0, eta, sigma1, sigma2, steps } = run;
  const [tape, size] = [noiseTape(run), blockSize(run)];
  const descent = solver(optionsOf(run, scriptedNoise(tape)));
  descent.advance(steps);
  const after = iterate(descent);
  const blocks = Array.from({ length: steps }, (_, t) => tape.subarray(t * size, (t + 1) * size));
  const { distance } = departure({ target: matrix(M), eta, sigma1, sigma2, before: startOf(run), blocks }, after);
  const certificate: StepsCertificate = {
    ...{ kind: 'steps', M, eta, sigma1, sigma2, taken: 0, before: { X: X0, Y: Y0 }, calls: [steps] },
    ...{ noise: blocks.map((block) => Array.from(block)), after: { X: after.X.to2DArray(), Y: after.Y.to2DArray() } },
    ...{ distance, relation: '>', bound: 0 },
  };
  return { claim: 'definition/step', finding: 'it is off', certificate };
}

/** The checker's output for each file, one line each, and its exit code. */
function checked(files: readonly string[]): Promise<{ lines: string[]; code: number }> {
  return new Promise((done) => {
    execFile('python3', [CHECKER, ...files], (error, stdout) =>
      done({ lines: stdout.trimEnd().split('\n'), code: error === null ? 0 : Number(error.code) }),
    );
  });
}

/** A step of momentum, shrunk, as a run finds it. */
const verdict = judge(claimOf('definition/step')!, inspect(momentum), { seed: 1, instances: 20 });
const { refutation } = verdict as Verdict & { refutation: Refutation };

/** A refutation to whose copy something was done. */
function tampered(name: keyof typeof refutations, change: (found: Tampered) => void): unknown {
  const copy = structuredClone(refutations[name]) as unknown as Tampered;
  change(copy);
  return copy;
}

/** A certificate with writable fields, for tampering. */
interface Tampered {
  finding: { lhs: unknown; rhs: unknown; relation: string };
  certificate: Record<string, unknown> & {
    M: number[][];
    noise: number[][];
    before: { X: number[][]; Y: number[][] };
    after: { X: number[][]; Y: number[][] };
    lhs: number;
    rhs: number;
  };
}

const step = (change: (certificate: Tampered['certificate']) => void): unknown =>
  tampered('a step', ({ certificate }) => change(certificate));

/** The bound of a side that is not a number may be infinite. */
const noBound = tampered('a step', ({ finding }) => {
  const lhs = (finding.rhs as number[][]).map((row) => row.map(() => NaN));
  Object.assign(finding, { lhs, tolerance: Infinity });
});

/** The findings that are not confirmed, and why. */
const REFUSED: Readonly<Record<string, readonly [unknown, RegExp]>> = {
  'an entry of the target': [
    step((c) => (c.M[0]![1]! += 2 ** -20)),
    /is off by .*, but the file states 0\.0356 and a bound of/,
  ],
  'an entry before': [step((c) => (c.before.Y[0]![0]! *= 1.001)), /but the file states/],
  'an entry after': [step((c) => (c.after.X[0]![0]! += 1e-6)), /but the file states/],
  'a random number': [step((c) => (c.noise[0]![3]! -= 1e-3)), /but the file states/],
  'the step size': [step((c) => (c['eta'] = 1 / 64)), /but the file states/],
  'the distance': [step((c) => (c['distance'] = 0.04)), /is off by 0\.0356, .*, but the file states 0\.04/],
  'a bound of 0': [step((c) => (c['bound'] = 0)), /is off by 0\.0356, .* a bound of 0 /],
  'a bound beyond the distance': [step((c) => (c['bound'] = 1)), /a bound of 1 /],
  'a relation reversed': [step((c) => (c['relation'] = '<')), /it is not about 1 to 64 steps/],
  'no step': [step((c) => (c['calls'] = [])), /it is not about 1 to 64 steps/],
  'no end of steps': [step((c) => (c['calls'] = [1e9])), /it is not about 1 to 64 steps/],
  'noise of one step only': [step((c) => (c['calls'] = [2])), /its matrices do not fit/],
  'a row too few': [step((c) => c.after.X.pop()), /its matrices do not fit/],
  'no target': [step((c) => delete (c as Partial<typeof c>).M), /it is no certificate: KeyError\('M'\)/],
  'no number': [step((c) => (c['eta'] = 'large')), /it is no certificate: ValueError/],
  'another kind': [step((c) => (c['kind'] = 'hearsay')), /it is no certificate/],
  'the claim reversed': [
    tampered('an inequality', ({ finding }) => (finding.relation = '<=')),
    /its two sides satisfy the claim/,
  ],
  'the claim made true': [
    tampered('a step', ({ finding }) => (finding.lhs = finding.rhs)),
    /its two sides satisfy the claim/,
  ],
  'an unknown relation': [
    tampered('an inequality', ({ finding }) => (finding.relation = '~')),
    /it is no certificate: KeyError/,
  ],
  'as many random numbers as were due': [
    tampered('too many random numbers', ({ certificate }) => (certificate.lhs = certificate.rhs)),
    /by the end of step 1: off by 0, where 0 is allowed/,
  ],
  'less than nothing is allowed': [
    tampered('too many random numbers', ({ certificate: c }) => Object.assign(c, { lhs: c.rhs, tolerance: -1 })),
    /off by 0, where -1 is allowed/,
  ],
  'anything is allowed': [
    tampered('too many random numbers', ({ certificate }) => Object.assign(certificate, { tolerance: Infinity })),
    /off by 1, where inf is allowed/,
  ],
  'no JSON': ['{', /it is no certificate: JSONDecodeError/],
  'a list': [[], /it is no certificate/],
  'something else': [{ name: 'flat-minima' }, /it is no certificate: KeyError\('claim'\)/],
  'a counterexample without one': [
    { claim: 'law/mean-step', finding: 'off' },
    /it has no certificate: refutations of random claims/,
  ],
};

describe('the checker', () => {
  test('has at most 60 lines, and imports only the standard library', () => {
    const lines = readFileSync(CHECKER, 'utf8').trimEnd().split('\n');
    expect(lines.length).toBeLessThanOrEqual(60);
    expect(lines.filter((line) => /^\s*(import|from)\b/.test(line))).toEqual([
      'import json, math, sys',
      'from fractions import Fraction as F',
    ]);
  });

  const needing = `(needs python3${hasPython ? '' : ', which is not found'})`;

  test.skipIf(!hasPython)(`confirms refutations of faulty solvers by deterministic claims ${needing}`, async () => {
    const found = (await Promise.all(mutantNames().map(refutationsBy))).flat();
    const saved = readAll(FOLDER).saved.filter(({ claim }) => claimOf(claim)!.random === undefined);
    expect([found.length > 150, saved.length > 30]).toEqual([true, true]);
    const facts = { versions: { package: '1', node: '1' }, seed: 1, instances: 20, solver: 'mine.ts', ownNoise: false };
    const { lines, code } = await checked([
      file('mutants', { claims: found.map((each) => ({ id: each.claim, refutation: each })) }),
      ...Object.entries(refutations).map(([name, each]) => file(name, each)),
      ...saved.map((each) => each.file),
      file('no bound', noBound),
      file('evidence', evidenceText(evidenceOf(facts, [verdict]))),
    ]);
    expect(lines.filter((line) => !/^confirmed: .* \(.*\)$/.test(line))).toEqual([]);
    expect(lines).toHaveLength(found.length + Object.keys(refutations).length + saved.length + 2);
    expect(lines.at(-1)).toMatch(
      /^confirmed: step 2 is off by 0\.\d+, [\d.]+e\+13 times the bound on the rounding \(definition\/step, .*evidence\.json\)$/,
    );
    expect(code).toBe(0);
  });

  test.skipIf(!hasPython)(`confirms nothing else, and says why ${needing}`, async () => {
    const equivalent = ['textbook', 'backwards', 'without-residual', 'one-fill', 'live-views', 'plain-arrays'];
    const solvers = await Promise.all(equivalent.map((name) => load('equivalent', `${name}.ts`)));
    const runs = [1, 2, 64].map((steps) => ({ ...instance, steps }));
    const slandered = solvers.flatMap((solver) =>
      [...runs, { ...CHAOS, steps: 64 }].map((run) => slander(solver, run)),
    );
    const { lines, code } = await checked([
      ...slandered.map((each, i) => file(`slander ${i}`, each)),
      ...Object.entries(REFUSED).map(([name, [content]]) => file(`refused ${name}`, content)),
      join(folder, 'missing.json'),
      file('one that is right', refutations['a step']),
    ]);
    const last = lines.pop();
    expect(lines.filter((line) => !line.startsWith('NOT confirmed: '))).toEqual([]);
    for (const line of lines.slice(0, slandered.length))
      expect(line).toMatch(/is off by \S+, (0|0\.\d+|[\d.]+e-\d+) times the bound/);
    expect(Object.entries(REFUSED).filter(([, [, why]], i) => !why.test(lines[slandered.length + i]!))).toEqual([]);
    expect(lines.at(-1)).toMatch(/FileNotFoundError/);
    expect([last, code]).toEqual([expect.stringMatching(/^confirmed: /), 1]);
  });
});

test.skipIf(!hasPython)('a certificate that is wrong keeps no other one in its file from being checked', async () => {
  const claim = (id: string, refutation: unknown): unknown => ({ id, refutation });
  const claims = [
    claim(
      'a/wrong',
      step((c) => (c['eta'] = 'large')),
    ),
    claim('a/right', refutations['a step']),
  ];
  const { lines, code } = await checked([file('both', { claims })]);
  expect(lines).toEqual([
    expect.stringMatching(/^NOT confirmed: it is no certificate: ValueError.*\(a\/wrong, /),
    expect.stringMatching(/^confirmed: .*\(a\/right, /),
  ]);
  expect(code).toBe(1);
});

describe('a saved counterexample', () => {
  const { certificate, ...without } = refutation;
  const saved = join(folder, 'saved');
  const write = (found: Refutation): boolean => keep(saved, 'definition/step', 'mine.ts', 1, found).written;

  test('has the certificate; one that is older gets it, and is read without it', () => {
    expect(certificate).toMatchObject({ kind: 'steps', taken: 1, calls: [1], noise: [], relation: '>' });
    expect(write(without)).toBe(true);
    const { file: path } = keep(saved, 'definition/step', 'mine.ts', 1, without);
    expect(readSaved(path)).not.toHaveProperty('certificate');
    expect(write(refutation)).toBe(true);
    expect(readSaved(path)).toMatchObject({ certificate });
    expect([write(refutation), write(without)]).toEqual([false, false]);
    expect(readSaved(path)).toMatchObject({ certificate });
  });
});
