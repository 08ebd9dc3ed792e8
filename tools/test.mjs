// `npm test`: types, lint, all claims and unit tests under vitest, code coverage by c8, and the closing counts.
// SOLVER=./mine.ts npm test judges the claims alone on that solver.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const { SOLVER } = process.env;
if (SOLVER !== undefined && !existsSync(SOLVER)) {
  console.error(`flat-minima: SOLVER is ${SOLVER}, which does not exist: give the path of a .js, .mjs or .ts file`);
  process.exit(2);
}
const bin = (name) => join('node_modules', name);
const folder = mkdtempSync(join(tmpdir(), 'flat-minima-test-'));
const results = join(folder, 'results.json');
const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${results}`];
const vitest = [bin('vitest/vitest.mjs'), 'run', ...reporters];
// Coverage is collected outside the project, so that runs side by side do not meet.
const c8 = [bin('c8/bin/c8.js'), `--temp-directory=${join(folder, 'coverage')}`, process.execPath];

const stages =
  SOLVER === undefined
    ? [
        ['types', [bin('typescript/bin/tsc')]],
        ['lint', [bin('eslint/bin/eslint.js'), '.']],
        ['format', [bin('prettier/bin/prettier.cjs'), '--check', '--log-level=warn', '.']],
        ['claims, unit tests, coverage', [...c8, ...vitest]],
      ]
    : [[`claims on ${SOLVER}`, [...vitest, 'properties/claims.test.ts']]];

let failed = 0;
for (const [name, args] of stages) {
  console.log(`\n${name}`);
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
  if (status !== 0) {
    failed++;
    console.log(`FAILED: ${name}`);
  }
}
closing();
rmSync(folder, { recursive: true });
process.exitCode = failed > 0 ? 1 : 0;

/** Claims are the tests whose name begins with an id; their instances are in what the judge left with the test. */
function closing() {
  if (!existsSync(results)) return console.log('0 passed, 1 failed');
  const { testResults, numPassedTests, numFailedTests } = JSON.parse(readFileSync(results, 'utf8'));
  const tests = testResults.flatMap((file) => file.assertionResults);
  const verdicts = tests.flatMap(({ meta }) => (meta?.verdict === undefined ? [] : [meta.verdict]));
  const own = verdicts.filter(({ id }) => !id.includes('#'));
  const instances = own.reduce((sum, verdict) => sum + verdict.instances, 0);
  for (const id of registered()) {
    if (own.some((verdict) => verdict.id === id)) continue;
    failed++;
    console.log(`FAILED: ${id} is in the registry and never ran`);
  }
  console.log(`\n${own.length} claims and ${verdicts.length - own.length} variations on them, ${instances} instances`);
  // A stage that failed without a failing test counts as one.
  console.log(`${numPassedTests} passed, ${Math.max(numFailedTests, failed)} failed`);
}

/** The ids in the registry. */
function registered() {
  const list = [
    '--conditions=flat-minima-source',
    '--import=./tools/strip-types.mjs',
    'properties/verify/main.ts',
    '--list',
  ];
  const { stdout } = spawnSync(process.execPath, list, { encoding: 'utf8' });
  return stdout
    .trim()
    .split('\n')
    .map((line) => line.split(' ')[0]);
}
