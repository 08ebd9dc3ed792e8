// After `npm run build`: packs the package, has publint and attw look at it, installs it into an empty project, and uses it there
// as other people do, from JavaScript, from TypeScript, from a vitest suite and from the command line. It needs the registry, for
// the dependencies.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** The package is for the most part claims and their proofs: 400 kB were allowed for 130 of them. */
const MOST_BYTES_PER_CLAIM = 400_000 / 130;
const EXPECTED =
  /^(dist\/(src|properties)\/.*\.(js|d\.ts)|docs\/(theory\/[a-z-]+|theory|protocol|targets)\.md|examples\/check_certificate\.py|fixtures\/(kills|costs)\.json|[A-Z]+(\.md)?|package\.json)$/;

/** Runs TypeScript in the project of a user if Node does not. */
const TSX = 'tsx@4.23.15';

const { devDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
const project = mkdtempSync(join(tmpdir(), 'flat-minima-pack-'));
const npm = (args, options) => spawnSync('npm', args, { encoding: 'utf8', ...options });
let [passed, failed] = [0, 0];

try {
  const tarball = pack();
  lint(tarball);
  if (install(tarball)) useIt();
} finally {
  rmSync(project, { recursive: true });
}
console.log(`pack check: ${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;

function check(name, good, shown = '') {
  if (good) passed++;
  else failed++;
  console.log(`${good ? 'passed' : 'FAILED'}: ${name}${good ? '' : `\n${shown}`}`);
}

/** The path of the tarball. */
function pack() {
  const { stdout } = npm(['pack', '--json', '--pack-destination', project]);
  const [{ filename, size, files }] = JSON.parse(stdout);
  const odd = files.map(({ path }) => path).filter((path) => !EXPECTED.test(path));
  check(`${files.length} files in ${Math.round(size / 1000)} kB, all of them needed`, odd.length === 0, odd.join('\n'));
  const claims = claimCount();
  check(
    `less than ${Math.round(MOST_BYTES_PER_CLAIM)} bytes for each of ${claims} claims`,
    size < MOST_BYTES_PER_CLAIM * claims,
    String(size),
  );
  return join(project, filename);
}

/** Errors in the manifest and in the types, found by two tools that read only the tarball. */
function lint(tarball) {
  const tool = (name, program, ...args) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [join('node_modules', program), ...args, tarball], {
      encoding: 'utf8',
      env: { ...process.env, NO_COLOR: '1' },
    });
    check(name, status === 0, `${stdout}${stderr}`);
  };
  tool('publint', 'publint/src/cli.js', 'run', '--strict');
  // The package is of ES modules alone. Two checks are left out on purpose: Node 10, whose resolution has no `exports`,
  // and types for `require`, which all supported versions of Node allow: see `from CommonJS` below.
  tool('are the types right', '@arethetypeswrong/cli/dist/index.js', '--profile=esm-only', '--no-definitely-typed');
}

/** Claims of the built package. */
function claimCount() {
  const { stdout } = spawnSync(process.execPath, ['dist/properties/cli/bin.js', 'verify', '--list'], {
    encoding: 'utf8',
  });
  return stdout.trim().split('\n').length;
}

/** Whether the tarball is installed; not being able to reach the registry is no fault of the package. */
function install(tarball) {
  const packages = ['vitest', 'typescript', '@types/node'].map((name) => `${name}@${devDependencies[name]}`);
  writeFileSync(join(project, 'package.json'), '{ "private": true, "type": "module" }\n');
  const { status, stderr } = npm(
    ['install', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error', tarball, ...packages],
    { cwd: project },
  );
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH|ENOTCACHED/.test(stderr)) {
    console.log('pack check: the registry cannot be reached, the package is not tried out');
    return false;
  }
  check('installs into an empty project', status === 0, stderr);
  return status === 0;
}

function useIt() {
  for (const example of ['my-solver.ts', 'check.ts', 'my-solver.test.ts']) {
    cpSync(join('examples', example), join(project, example));
  }
  cpSync(resolve('fixtures', 'package'), project, { recursive: true });
  for (const [name, text] of readmeSnippets()) writeFileSync(join(project, name), text);
  run('from JavaScript', ['program.mjs'], 0, /^all good\n$/);
  run('from CommonJS', ['program.cjs'], 0, /^all good\n$/);
  const tsc = join('node_modules', 'typescript', 'bin', 'tsc');
  for (const resolution of ['nodenext', 'bundler'])
    run(`types of the examples and of the README, ${resolution}`, [tsc, '-p', `${resolution}.json`], 0);
  run('in a vitest suite', [join('node_modules', 'vitest', 'vitest.mjs'), 'run'], 0, /Tests {2}\d+ passed/);
  commandLine();
}

/** The programs of the README; the one that others import is ./mine.ts. */
function readmeSnippets() {
  const snippets = [...readFileSync('README.md', 'utf8').matchAll(/^```ts\n([^]*?)^```/gm)].map(([, text]) => text);
  return snippets.map((text, i) => [/^export default/m.test(text) ? 'mine.ts' : `readme-${i}.ts`, text]);
}

function commandLine() {
  const bin = join('node_modules', 'flat-minima', JSON.parse(readFileSync('package.json', 'utf8')).bin['flat-minima']);
  const quick = ['--claim', 'definition', '--instances', '5', '--seed', '1'];
  check('the command is linked', existsSync(join(project, 'node_modules', '.bin', 'flat-minima')));
  run('its help', [bin, '--help'], 0, /verify.*\n.*replay/);
  run('the command judges our solver', [bin, 'verify', ...quick], 0, /1 claim, 5 instances: 1 hold, 0 refuted/);
  const refuted = run(
    'and a wrong one',
    [bin, 'verify', ...quick, '--solver', 'wrong.mjs'],
    1,
    /REFUTED {2}definition/,
  );
  const [proof] = /node_modules.*theory\/[a-z-]+\.md/.exec(refuted) ?? ['no proof'];
  check('the proof that a refutation names is there', existsSync(join(project, proof)), proof);
  const replay = /Replay: npx flat-minima (.*)/.exec(refuted)?.[1]?.split(' ') ?? [];
  run('the command that it prints refutes it again', [bin, ...replay], 1, /REFUTED {2}definition/);
  const study = [bin, 'study', '--solver', 'wrong.mjs', '--units', '1', '--no-claims'];
  run('the command studies a solver', study, 0, /study\.json has all of it/);
  const typescript = [bin, 'verify', ...quick, '--quiet', '--solver', 'my-solver.ts'];
  if (process.features.typescript) {
    run('a program in TypeScript', ['check.ts'], 0, /2 hold, 0 refuted/);
  } else {
    run('a solver in TypeScript is refused in a sentence', typescript, 2, /^flat-minima: .* npm install tsx\n$/);
    check('tsx is installed', npm(['install', '--no-audit', '--no-fund', TSX], { cwd: project }).status === 0);
  }
  run('a solver in TypeScript', typescript, 0, /1 hold, 0 refuted/);
}

/** Runs Node in the project and returns its output. */
function run(name, args, expected, said = /(?:)/) {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: project,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  });
  const output = stdout + stderr;
  check(name, status === expected && said.test(output), `exit code ${status}\n${output}`);
  return output;
}
