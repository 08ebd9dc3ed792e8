/** The list of solvers that `npm run solvers` judges, and the document that it writes. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describedIn, EXAMPLES, readList } from '../report/solvers/list.ts';
import { countsIn, type Result } from '../report/solvers/measure.ts';
import { document } from '../report/solvers/table.ts';

const list = readList();
const files = [...list.libraries, ...list.variants].map((listed) =>
  'module' in listed ? listed.module : 'program' in listed ? listed.program : undefined,
);

test('every solver of examples is in the list, and every listed one exists', () => {
  for (const file of files) if (file !== undefined) expect(existsSync(join(EXAMPLES, file)), file).toBe(true);
  const variants = readdirSync(join(EXAMPLES, 'variants')).map((name) => join('variants', name));
  expect(files).toEqual(expect.arrayContaining(variants.filter((file) => !file.endsWith('optimiser.ts'))));
  const solvers = readdirSync(EXAMPLES, { recursive: true, encoding: 'utf8' }).filter(
    (file) => /(^|[^a-z])solver\.\w+$/.test(file) && !file.includes('node_modules'),
  );
  expect(files).toEqual(expect.arrayContaining(solvers));
});

test('a solver with packages of its own names their exact versions', async () => {
  for (const file of files.filter((each) => each?.endsWith('solver.mjs') === true)) {
    const manifest = new URL(`../../examples/${file!.replace(/[^/]*$/, 'package.json')}`, import.meta.url);
    const { default: json } = (await import(manifest.href, { with: { type: 'json' } })) as {
      default: { dependencies: Record<string, string> };
    };
    for (const version of Object.values(json.dependencies)) expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  }
});

test('verdicts are counted without derived claims, and the diagnosis is that of the first refutation that has one', () => {
  const diagnosis =
    'What the solver does instead: plain gradient descent: no noise.\n(It agrees with the solver, up to rounding.)';
  const counts = countsIn([
    { id: 'a/1', outcome: 'holds' },
    { id: 'a/1#1', outcome: 'refuted as expected' },
    { id: 'a/2', outcome: 'refuted as expected' },
    { id: 'a/3', outcome: 'refuted', refutation: {} },
    { id: 'a/4', outcome: 'refuted', refutation: { diagnosis } },
    { id: 'a/5', outcome: 'not applicable' },
    { id: 'a/6', outcome: 'not run' },
  ]);
  expect(counts).toEqual({
    holds: 2,
    refuted: 2,
    notApplicable: 1,
    other: 1,
    refutedClaims: ['a/3', 'a/4'],
    instead: 'plain gradient descent: no noise',
  });
});

test('the document has a row for each, with its result or a dash', () => {
  const counts = { holds: 124, refuted: 6, notApplicable: 0, other: 0, refutedClaims: [], instead: 'momentum' };
  const found = (name: string): Result => ({
    ...{ name, version: '1.2.3', seed: 1, instances: 5, nanoseconds: 12345, seconds: 9 },
    counts,
    withOptions: { ...counts, holds: 130, refuted: 0 },
  });
  const text = document(list, new Map(['NumPy', 'momentum'].map((name) => [name, found(name)])));
  expect(text).toMatch(
    /^\| \[NumPy\]\(\S+\) +\| 1\.2\.3 +\| float64 +\| 12000 +\| 5 +\| 124 +\| 6 +\| 0 +\| 0 +\| momentum +\| 130 hold, 0 refuted, 0 not decided +\|$/m,
  );
  expect(text).toMatch(
    /^\| \[momentum\]\(\S+\) +\| SGD with momentum 0\.9 .*\| 124 +\| 6 +\| 0 +\| 0 +\| momentum +\|$/m,
  );
  expect(text).toMatch(/^\| \[sam\]\(\S+\) .*\| \u2013 +\|$/m);
});

test('the description of a variant is its first comment', () => {
  expect(describedIn('variants/orvieto.ts')).toMatch(/^Weight noise as in aorvieto\/noise_injection_overparam: .*\.$/);
  expect(() => describedIn('solvers.json')).toThrow('solvers.json does not begin with a comment');
});
