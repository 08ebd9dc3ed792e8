/**
 * `npm run pack-check`, after `npm run build`: the package as others use it, from JavaScript, TypeScript, a vitest suite and the
 * command line, in a project of its own. The registry has to be reached, for the dependencies.
 */
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';

/** The package is for the most part claims and their proofs: 400 kB were allowed for 130 of them. */
const MOST_BYTES_PER_CLAIM = 400_000 / 130;
const EXPECTED =
  /^(dist\/(src|properties)\/.*\.(js|d\.ts)|docs\/(theory\/[a-z-]+|theory|protocol|targets)\.md|examples\/check_certificate\.py|fixtures\/(kills|costs)\.json|[A-Z]+(\.md)?|package\.json)$/;
/** Runs TypeScript in the project of a user if Node does not. */
const TSX = 'tsx@4.23.15';
const QUICK = ['--claim', 'definition', '--instances', '5', '--seed', '1'];

const { devDependencies, bin } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  devDependencies: Record<string, string>;
  bin: Record<string, string>;
};
const BIN = join('node_modules', 'flat-minima', bin['flat-minima']!);
const TSC = join('node_modules', 'typescript', 'bin', 'tsc');
const VITEST = join('node_modules', 'vitest', 'vitest.mjs');

const project = mkdtempSync(join(tmpdir(), 'flat-minima-pack-'));
afterAll(() => rmSync(project, { recursive: true }));

interface Ended {
  readonly code: number | null;
  readonly out: string;
  /** Both streams. */
  readonly all: string;
}

/** Runs a program; that of a user by default. */
function run(program: string, args: readonly string[], cwd = project): Promise<Ended> {
  const child = spawn(program, args, { cwd, env: { ...process.env, NO_COLOR: '1' } });
  let [out, all] = ['', ''];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      all += chunk;
      if (stream === child.stdout) out += chunk;
    });
  }
  return new Promise((settle) => child.on('close', (code) => settle({ code, out, all })));
}

/** The output of a program of the user, which has to match. */
async function says(said: RegExp, args: readonly string[], expected = 0): Promise<string> {
  const { code, all } = await run(process.execPath, args);
  expect(all).toMatch(said);
  expect(code, all).toBe(expected);
  return all;
}

const npmInstall = (...packages: string[]): Promise<Ended> =>
  run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error', ...packages]);

const packed = await run('npm', ['pack', '--json', '--pack-destination', project], '.');
const [{ filename, size, files }] = JSON.parse(packed.out) as [
  { filename: string; size: number; files: { path: string }[] },
];
const tarball = join(project, filename);
writeFileSync(join(project, 'package.json'), '{ "private": true, "type": "module" }\n');
const installed = await npmInstall(
  tarball,
  ...['vitest', 'typescript', '@types/node'].map((name) => `${name}@${devDependencies[name]}`),
);
/** Not being able to reach the registry is no fault of the package. */
const isOffline = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH|ENOTCACHED/.test(installed.all);
const inProject = test.skipIf(isOffline);
if (isOffline) console.log('pack check: the registry cannot be reached, the package is not tried out');
fillProject();

/** The examples, the programs of fixtures/package and those of the README; the one that others import is ./mine.ts. */
function fillProject(): void {
  cpSync(join('fixtures', 'package'), project, { recursive: true });
  for (const example of ['my-solver.ts', 'check.ts', 'my-solver.test.ts']) {
    cpSync(join('examples', example), join(project, example));
  }
  for (const [i, [, text]] of [...readFileSync('README.md', 'utf8').matchAll(/^```ts\n([^]*?)^```/gm)].entries()) {
    writeFileSync(join(project, /^export default/m.test(text!) ? 'mine.ts' : `readme-${i}.ts`), text!);
  }
}

test(`${files.length} files, all of them needed`, () => {
  expect(files.map(({ path }) => path).filter((path) => !EXPECTED.test(path))).toEqual([]);
});

test(`${Math.round(size / 1000)} kB, at most ${Math.round(MOST_BYTES_PER_CLAIM)} bytes for each claim`, async () => {
  const { out } = await run(process.execPath, ['dist/properties/cli/bin.js', 'verify', '--list'], '.');
  expect(size).toBeLessThan(MOST_BYTES_PER_CLAIM * out.trim().split('\n').length);
});

/**
 * Errors in the manifest and in the types, found by two tools that read only the tarball. The package is of ES modules alone. Two
 * checks are left out on purpose: Node 10, whose resolution has no `exports`, and types for `require`, which all supported
 * versions of Node allow: see program.cjs.
 */
test.each([
  ['publint', ['publint/src/cli.js', 'run', '--strict']],
  ['are the types right', ['@arethetypeswrong/cli/dist/index.js', '--profile=esm-only', '--no-definitely-typed']],
])('%s', async (_, [program, ...args]) => {
  await says(/(?:)/, [resolve('node_modules', program!), ...args, tarball]);
});

inProject('installs into an empty project, with its command', () => {
  expect(installed).toMatchObject({ code: 0 });
  expect(existsSync(join(project, 'node_modules', '.bin', 'flat-minima'))).toBe(true);
});

inProject.each<[string, string[], RegExp]>([
  ['from JavaScript', ['program.mjs'], /^all good\n$/],
  ['from CommonJS', ['program.cjs'], /^all good\n$/],
  ['types of the examples and of the README, nodenext', [TSC, '-p', 'nodenext.json'], /^$/],
  ['types of the examples and of the README, bundler', [TSC, '-p', 'bundler.json'], /^$/],
  ['in a vitest suite', [VITEST, 'run'], /Tests {2}\d+ passed/],
  ['the help of the command', [BIN, '--help'], /verify.*\n.*replay/],
  ['the command judges our solver', [BIN, 'verify', ...QUICK], /1 claim, 5 instances: 1 hold, 0 refuted/],
  [
    'the command studies a solver',
    [BIN, 'study', '--solver', 'wrong.mjs', '--units', '1', '--no-claims'],
    /study\.json has all of it/,
  ],
])('%s', async (_, args, said) => {
  await says(said, args);
});

inProject('the command refutes a faulty solver, names the proof, and the replay refutes it again', async () => {
  const wrong = /REFUTED {2}definition/;
  const refutation = await says(wrong, [BIN, 'verify', ...QUICK, '--solver', 'wrong.mjs'], 1);
  const [proof] = /node_modules.*theory\/[a-z-]+\.md/.exec(refutation)!;
  expect(existsSync(join(project, proof))).toBe(true);
  const [, replay] = /Replay: npx flat-minima (.*)/.exec(refutation)!;
  await says(wrong, [BIN, ...replay!.split(' ')], 1);
});

inProject('a solver in TypeScript', async () => {
  const verify = [BIN, 'verify', ...QUICK, '--quiet', '--solver', 'my-solver.ts'];
  if ('typescript' in process.features && process.features.typescript !== false) {
    await says(/2 hold, 0 refuted/, ['check.ts']);
  } else {
    await says(/^flat-minima: .* npm install tsx\n$/, verify, 2);
    expect(await npmInstall(TSX)).toMatchObject({ code: 0 });
  }
  await says(/1 hold, 0 refuted/, verify);
});
