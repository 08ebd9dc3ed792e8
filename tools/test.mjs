// `npm test`: the claims that a faulty solver breaks first; types, lint, all claims and unit tests under vitest, and code coverage
// by c8; the closing counts. SOLVER=./mine.ts npm test judges the claims alone on that solver.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const { SOLVER } = process.env;
const folder = mkdtempSync(join(tmpdir(), 'flat-minima-test-'));
// The linter's type checker, a program in Go, would spend a third of its time on collecting garbage: it stays below 1 GB without.
const env = { ...process.env, GOGC: 'off', GOMEMLIMIT: '2GiB' };

/** The arguments of vitest, leaving its results in a file of this name. */
const vitest = (name, ...projects) => [
  'node_modules/vitest/vitest.mjs',
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${join(folder, name)}`,
  ...projects.map((project) => `--project=${project}`),
];
const prose = ['*.md', 'docs/*.md', 'docs/theory/*.md', 'examples/*.md', 'bench/*.md'];
// The tests of src alone have to cover all of it, so the claims run at full speed. Coverage is collected outside the
// project, so that concurrent runs do not conflict.
const c8 = ['node_modules/c8/bin/c8.js', `--temp-directory=${join(folder, 'coverage')}`, process.execPath];

const stages = Object.entries(
  SOLVER === undefined
    ? {
        'claims and unit tests': vitest('suite.json', 'claims', 'suite'),
        'types, lint': ['node_modules/oxlint/bin/oxlint'],
        prose: ['node_modules/textlint/bin/textlint.js', ...prose],
        format: ['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level=warn', '--cache', '.'],
        spelling: ['node_modules/cspell/bin.mjs', '--no-progress', '--quiet'],
        'tests of src, coverage': [...c8, ...vitest('src.json', 'src')],
      }
    : { [`claims on ${SOLVER}`]: vitest('claims.json', 'claims') },
);
const first = stages[0];
let failed = 0;

process.exitCode = await ourOwn('root-cause.ts');
if (process.exitCode === 0) {
  await Promise.all([lane(), lane()]);
  process.exitCode = await ourOwn('closing.ts', folder, String(failed));
}
rmSync(folder, { recursive: true });

/** Two stages run side by side; the first of all shows its output as it comes, the others when they are done. */
async function lane() {
  for (let stage = stages.shift(); stage !== undefined; stage = stages.shift()) {
    const [name, args] = stage;
    const { output, code } = await run(args, stage === first ? 'inherit' : 'pipe');
    if (code !== 0) failed++;
    console.log(`${output}${code === 0 ? `${name}: passed` : `FAILED: ${name}`}`);
  }
}

async function ourOwn(name, ...args) {
  const source = ['--conditions=flat-minima-source', '--import=./tools/strip-types.mjs'];
  return (await run([...source, `properties/tests/npm-test/${name}`, ...args], 'inherit')).code;
}

/** Runs Node; the exit code is 1 if a signal ended it. */
function run(args, stdio) {
  const child = spawn(process.execPath, args, { stdio: ['ignore', stdio, stdio], env });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk));
  return new Promise((settle) => {
    child.on('close', (code, signal) => {
      settle({ code: code ?? 1, output: signal === null ? output : `${output}ended by ${signal}\n` });
    });
  });
}
