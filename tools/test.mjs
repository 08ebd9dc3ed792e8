// `npm test`: types, lint, all claims and unit tests under vitest, code coverage by c8, and the closing counts.
// SOLVER=./mine.ts npm test judges the claims alone on that solver.
import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { closingCounts } from './counts.mjs';

const { SOLVER } = process.env;
if (SOLVER !== undefined && !existsSync(SOLVER)) {
  console.error(`flat-minima: SOLVER is ${SOLVER}, which does not exist: give the path of a .js, .mjs or .ts file`);
  process.exit(2);
}
const bin = (name) => join('node_modules', name);
const folder = mkdtempSync(join(tmpdir(), 'flat-minima-test-'));

/** The arguments of vitest, leaving its results in a file of this name. */
const vitest = (name, ...rest) => [
  bin('vitest/vitest.mjs'),
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${join(folder, name)}`,
  ...rest,
];
// The tests of src alone have to cover all of it, so the claims run at full speed. Coverage is collected outside the
// project, so that concurrent runs do not conflict.
const c8 = [bin('c8/bin/c8.js'), `--temp-directory=${join(folder, 'coverage')}`, process.execPath];

const stages =
  SOLVER === undefined
    ? [
        ['claims and unit tests', vitest('suite.json', '--project=claims', '--project=suite')],
        ['types, lint', [bin('oxlint/bin/oxlint')]],
        [
          'prose',
          [bin('textlint/bin/textlint.js'), '*.md', 'docs/*.md', 'docs/theory/*.md', 'examples/*.md', 'bench/*.md'],
        ],
        ['format', [bin('prettier/bin/prettier.cjs'), '--check', '--log-level=warn', '--cache', '.']],
        ['spelling', [bin('cspell/bin.mjs'), '--no-progress', '--quiet']],
        ['tests of src, coverage', [...c8, ...vitest('src.json', '--project=src')]],
      ]
    : [[`claims on ${SOLVER}`, vitest('claims.json', '--project=claims')]];

// The linter's type checker, a program in Go, would spend a third of its time on collecting garbage: it stays below 1 GB without.
const env = { ...process.env, GOGC: 'off', GOMEMLIMIT: '2GiB' };

const run = ['--conditions=flat-minima-source', '--import=./tools/strip-types.mjs', 'properties/cli/main.ts'];
const judged = SOLVER === undefined ? [] : ['--solver', SOLVER];

const ids = registered();
let failed = 0;
const waiting = [...stages];
if (await isRefuted()) process.exitCode = 1;
else {
  await Promise.all([lane(), lane()]);
  closing(await ids);
  process.exitCode = failed > 0 ? 1 : 0;
}
rmSync(folder, { recursive: true });

/**
 * The claims that a mistake in the solver breaks come first, in a second or two: all others depend on them. If one is
 * refuted, the first is shown in full, those that fail with it are named, and nothing else runs.
 */
async function isRefuted() {
  const seed = process.env.SEED ?? String(Math.floor(Date.now() % 2 ** 31));
  const [steps, contract] = ['definition', 'contract'].map((family) =>
    verified(family, ['--claim', family, '--instances', '20', '--quiet'], seed),
  );
  // The definition of a step is shown as soon as it is judged.
  const first = await steps;
  if (first.refuted.length > 0) process.stdout.write(first.shown);
  const second = await contract;
  const root = [first, second].find(({ refuted }) => refuted.length > 0);
  if (root === undefined) return false;
  if (root === second) process.stdout.write(second.shown);
  const rest = await verified('rest', ['--instances', '3', '--quiet'], seed);
  const too = [...new Set([...first.refuted, ...second.refuted, ...rest.refuted])].filter(
    (id) => id !== root.refuted[0],
  );
  console.log(`REFUTED TOO  ${too.length} claims${too.length === 0 ? '' : `: ${too.join(', ')}`}.`);
  console.log('Nothing else was run: types, unit tests and coverage wait for a solver that takes the correct steps.');
  console.log(`Read first ${root.refuted[0]}. Its replay: ${root.replay}`);
  console.log(`${rest.hold} passed, ${too.length + 1} failed`);
  return true;
}

/**
 * Runs the claims of some arguments on the solver under judgement. Returns the refuted ones, and the text and the
 * replay command of the first.
 */
async function verified(name, args, seed) {
  // The folder's own files are results of vitest.
  const out = join(folder, 'claims', name);
  const places = ['--out', out, '--keep', 'none'];
  const child = spawn(process.execPath, [...run, ...judged, ...args, '--seed', seed, ...places], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env,
  });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  await new Promise((resolve) => child.on('close', resolve));
  const evidence = join(out, 'evidence.json');
  if (!existsSync(evidence)) return { refuted: [], hold: 0 };
  const { claims } = JSON.parse(readFileSync(evidence, 'utf8'));
  // Variations on the claims say nothing about the solver.
  const bad = claims.filter(({ id, outcome }) => (outcome === 'refuted' || outcome === 'fault') && !id.includes('#'));
  const by = SOLVER === undefined ? '' : ` --solver ${SOLVER}`;
  const at = bad[0]?.refutation?.replay ?? bad[0]?.fault?.replay;
  const [shown] = output.split(/^(?=REFUTED |\d+ claims?, )/m).filter((part) => /^(REFUTED|FAULT) /.test(part));
  return {
    refuted: bad.map(({ id }) => id),
    hold: claims.filter(({ id, outcome }) => outcome === 'holds' && !id.includes('#')).length,
    shown,
    replay: `npm run verify --${by} --claim ${bad[0]?.id} --seed ${seed} --instance ${at}`,
  };
}

/** Two stages run side by side; the first of all shows its output as it comes, the others when they are done. */
async function lane() {
  while (waiting.length > 0) {
    const stdio = waiting.length === stages.length ? 'inherit' : 'pipe';
    await stage(waiting.shift(), stdio);
  }
}

/** Runs one stage; resolves when it has ended. */
function stage([name, args], stdio) {
  const child = spawn(process.execPath, args, { stdio: ['ignore', stdio, stdio], env });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk));
  return new Promise((resolve) => {
    child.on('close', (status, signal) => {
      if (status !== 0) failed++;
      const why = signal === null ? '' : ` (ended by ${signal})`;
      console.log(`${output}${status === 0 ? `${name}: passed` : `FAILED: ${name}${why}`}`);
      resolve();
    });
  });
}

function closing(ids) {
  const results = readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')));
  const counts = closingCounts(results, ids);
  failed += counts.neverRan.length;
  for (const id of counts.neverRan) console.log(`FAILED: ${id} is in the registry and never ran`);
  console.log(`\n${counts.claims} claims and ${counts.variations} variations on them, ${counts.instances} instances`);
  // A stage that failed without a failing test counts as one.
  console.log(`${counts.passed} passed, ${Math.max(counts.failed, failed)} failed`);
}

/** The ids in the registry. */
async function registered() {
  const { stdout } = await promisify(execFile)(process.execPath, [...run, '--list']);
  return stdout
    .trim()
    .split('\n')
    .map((line) => line.split(' ')[0]);
}
