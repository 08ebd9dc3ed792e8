/** The command `verify`: most of it in this process, where its workers have loaded all modules once. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { fileOf, FOLDER, readAll } from '../refuting/counterexamples.ts';
import { verifyCommand } from '../verify/command.ts';
import { settled } from '../verify/exit.ts';
import { replayCommand } from '../verify/replay.ts';
import work from '../verify/worker.ts';
import { readEvidence } from '../verify/evidence.ts';
import { BadUsage, readCsv, readOptions } from '../verify/options.ts';

const folder = mkdtempSync(join(tmpdir(), 'flat-minima-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Result {
  code: number;
  out: string;
  err: string;
}

// One worker where a test does not ask for more: each has to load all modules.
const common = ['--out', join(folder, 'out'), '--keep', 'none', '--workers', '1'];

/** Runs a command here. */
async function run(command: () => Promise<number>): Promise<Result> {
  const written = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((stream) =>
    vi.spyOn(process[stream], 'write').mockImplementation((text) => {
      written[stream] += String(text);
      return true;
    }),
  );
  const code = await settled(command());
  for (const spy of spies) spy.mockRestore();
  return { code, out: written.stdout, err: written.stderr };
}

const node = ['--conditions=flat-minima-source', '--import=./tools/strip-types.mjs', 'properties/verify/main.ts'];

const verify = (...args: string[]): Promise<Result> => run(() => verifyCommand([...common, ...args]));

/** Runs it as its users do. */
function verifyFromOutside(...args: string[]): Result {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...node, ...common, ...args], { encoding: 'utf8' });
  return { code: status ?? -1, out: stdout, err: stderr };
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const quick = ['--instances', '2', '--seed', '1'];
const some = ['definition', 'limit/closed-form', 'gd/remembers-start', 'flatness/spectrum'].flatMap((name) => [
  '--claim',
  name,
]);

describe('verify', () => {
  test('lists claims with their ids first', async () => {
    const { code, out } = await verify('--list');
    expect(code).toBe(0);
    for (const line of out.trim().split('\n')) expect(line).toMatch(/^[a-z0-9-]+\/[a-z0-9-]+ {2}\S/);
  });

  const timeless = (path: string): string => readFileSync(path, 'utf8').replace(/"milliseconds": \d+/g, '');
  let runs = 0;
  const evidenceOf = async (...args: string[]): Promise<Result & { path: string }> => {
    const path = join(folder, `evidence-${++runs}.json`);
    return { ...(await verify(...quick, ...args, '--json', path)), path };
  };

  test('holds for our solver, with the same evidence for the same seed in one worker and in two', async () => {
    const xml = join(folder, 'one.xml');
    const one = await evidenceOf(...some, '--workers', '1', '--junit', xml);
    expect(one.code, one.out + one.err).toBe(0);
    expect(one.out).toMatch(/\d+ hold, 0 refuted/);
    const two = await evidenceOf(...some, '--workers', '2', '--profile');
    expect(timeless(two.path)).toBe(timeless(one.path));
    expect(two.out).toMatch(
      /^claim +time +share +variations +instances +each +solver[^]*\nflatness\/spectrum +0\.\d\d s/m,
    );
    expect(two.out).toMatch(/in 2 workers, .* of the workers' time/);
    const cases = readFileSync(xml, 'utf8').match(/<testcase/g)!;
    expect(readEvidence(one.path).claims.length).toBe(cases.length);
  });

  test('refutes a wrong solver with the same evidence in one worker and in two', async () => {
    const wrong = ['definition', 'gd/imbalance-step', 'gd/local-rate', 'contract', 'neighbours/ye-du-shrink'];
    const args = ['--solver', 'fixtures/impostors/momentum.ts', ...wrong.flatMap((name) => ['--claim', name])];
    const [one, two] = [await evidenceOf(...args, '--workers', '1'), await evidenceOf(...args, '--workers', '2')];
    expect(one.code).toBe(1);
    expect(timeless(two.path)).toBe(timeless(one.path));
  });

  test('checks what makes sense for iris at rank 2', async () => {
    const { code, out, err } = await verify(...quick, ...some, '--target', 'fixtures/targets/iris.csv', '--rank', '2');
    expect(code, out + err).toBe(0);
    expect(out).toMatch(/limit\/closed-form +\w+ +2 {2}holds/);
    expect(out).toMatch(/gd\/remembers-start: it needs a target of rank one/);
  });

  test('checks the theory at the dimension that is asked for', async () => {
    const json = join(folder, 'dimension.json');
    const { code, out, err } = await verify(...quick, '--dimension', '1e6', '--json', json);
    expect(code, out + err).toBe(0);
    expect(out).toMatch(/scale\/closed-form +\w+ +2 {2}holds/);
    expect(JSON.parse(readFileSync(json, 'utf8'))).toMatchObject({ dimension: 1e6 });
    const other = await verify(...quick, '--dimension', '3', '--claim', 'definition/step');
    expect(other.out).toMatch(/definition\/step: its instances have dimensions of their own/);
  });

  test('refutes a wrong solver with an instance that the printed command replays', async () => {
    const wrong = ['--solver', 'fixtures/impostors/sigmas-swapped.ts', '--claim', 'definition/step'];
    const { code, out } = verifyFromOutside(...wrong, '--seed', '3');
    expect(code).toBe(1);
    const replay = /Replay: npm run verify -- (.*)/.exec(out)![1]!.split(' ');
    const again = await verify(...replay);
    expect(again.code).toBe(1);
    // A replay does not look at other instances and at what rests on the claim.
    const instance = (text: string): string =>
      text.slice(text.indexOf('Let'), text.search(/Of the instances|\d+ other claims|Proof/));
    expect(instance(again.out)).toBe(instance(out));
  });
});

describe('replay', () => {
  const replay = (...args: string[]): Promise<Result> => run(() => replayCommand(args));
  const hash = basename(fileOf('', 'definition/step', 'fixtures/impostors/momentum.ts'), '.json');

  test('looks at a kept counterexample: it holds for our solver, and refutes the wrong one', async () => {
    const ours = await replay(hash);
    expect(ours).toMatchObject({ code: 0, err: '' });
    expect(ours.out).toMatch(
      /^HOLDS {2}definition\/step[^]*Indeed\n {2}left = [^]*with fixtures\/impostors\/momentum\.ts\.$/m,
    );
    const path = join('fixtures', 'counterexamples', 'definition', 'step', `${hash}.json`);
    const wrong = await replay(path, '--solver', 'fixtures/impostors/momentum.ts');
    expect(wrong).toMatchObject({ code: 1, err: '' });
    expect(wrong.out).toMatch(/^REFUTED {2}definition\/step[^]*What the solver does instead: .*momentum/m);
    expect(wrong.out).toMatch(/^Replay: npm run replay -- \S+\.json --solver fixtures\/impostors\/momentum\.ts$/m);
  });

  const kept = readFileSync(fileOf(FOLDER, 'definition/step', 'fixtures/impostors/momentum.ts'), 'utf8');
  const changes: [string, string, RegExp][] = [
    [
      'text',
      kept.replace(/"claim":"\w+"/, '"claim":"0"'),
      /has changed since .*: what follows is its present form\.\nHOLDS/,
    ],
    ['instance', kept.replace('"eta":', '"eta":4'), /: it makes another instance of it, which follows\.\nHOLDS/],
    ['draft', kept.replace('"tilt":1', '"tilt":3'), /: it draws no such instance any more, so .*\.\nHOLDS/],
  ];
  test.each(changes)('says so where the claim has changed: its %s', async (name, text, sentence) => {
    expect((await replay(file(`${name}.json`, text))).out).toMatch(sentence);
  });

  const mistakes: [string, string[], RegExp][] = [
    ['no name', [], /^flat-minima: 0 counterexamples were given: give one file or hash$/],
    [
      'an unknown name',
      ['nothing'],
      /^flat-minima: nothing is neither a file nor the hash of a counterexample in \S+: give/,
    ],
    [
      'another file',
      ['package.json'],
      /^flat-minima: package\.json is no counterexample of flat-minima \(.*\): delete it/,
    ],
    ['no solver there', [hash, '--solver', 'no.ts'], /^flat-minima: --solver no\.ts does not exist: give/],
    [
      'an unknown option',
      [hash, '--seed', '1'],
      /^flat-minima: Unknown option '--seed': see npm run replay -- --help$/,
    ],
  ];
  test.each(mistakes)('refuses %s in one sentence, with exit code 2', async (_, args, sentence) => {
    const { code, err } = await replay(...args);
    expect(code).toBe(2);
    expect(err.trim()).toMatch(sentence);
  });
});

describe('a comparison with an earlier run', () => {
  const some = ['smoothing/mean-step', 'law/mean-step'].flatMap((id) => ['--claim', id]);
  const earlier = join(folder, 'earlier.json');
  const compare = (...args: string[]): Promise<Result> => verify(...some, '--compare', earlier, ...args);

  test('shows what a change of rounding moves, and what a change of behaviour does', async () => {
    await verify(...quick, ...some, '--solver', 'fixtures/faithful/textbook.ts', '--json', earlier);
    // On a solver of one's own no variations are judged.
    const same = await compare('--solver', 'fixtures/faithful/backwards.ts');
    expect(same.code).toBe(0);
    expect(same.out).toMatch(/same instances \(solver fixtures\/faithful\/textbook\.ts then\)/);
    expect(same.out).toMatch(/2 claims compared: \d have not moved, \d moved within rounding, 0 beyond it\.$/m);
    const { out } = await compare('--solver', 'fixtures/impostors/noise-five-percent-large.ts', '--instances', '2');
    expect(out).toMatch(/^smoothing\/mean-step: holds then, refuted now\n\nMoved by more than rounding explains:\n/m);
    expect(out).toMatch(/^law\/mean-step .* at most \S+e-1\d$/m);
    expect(out).toMatch(
      /1 claim compared: 0 .* 0 moved within rounding, 1 beyond it: the solver behaves otherwise\.$/m,
    );
  });

  const mistakes: [string[], RegExp][] = [
    [['--seed', '2'], /has seed 1 and this run has seed 2: only runs on the same instances can be compared$/],
    [['--instances', '3'], /has instances 2 and this run has instances 3: only/],
    [
      ['--target', 'fixtures/targets/iris.csv', '--rank', '2'],
      /has target none and this run has target \S+ at rank 2: only/,
    ],
    [['--shard', '1/2'], /--compare and --shard were both given: compare whole runs, without --shard$/],
    [['--instance', '0'], /--compare and --instance were both given/],
    [
      ['--compare', 'package.json'],
      /package\.json is no evidence of a run \(.*\): give an evidence\.json that verify wrote$/,
    ],
    [['--compare', 'README.md'], /README\.md is not JSON: give/],
    [['--compare', 'nowhere'], /nowhere cannot be read: give/],
  ];
  test.each(mistakes)('refuses %j in one sentence', async (args, sentence) => {
    const { code, err } = await compare(...args);
    expect(code).toBe(2);
    expect(err.trim()).toMatch(sentence);
  });
});

describe('what a run keeps', () => {
  test('is printed in CI, ready to be committed, and tried first by the next run', async () => {
    const keep = [
      '--keep',
      join(folder, 'kept-in-ci'),
      '--solver',
      'fixtures/impostors/alternating.ts',
      '--claim',
      'definition/step',
    ];
    vi.stubEnv('CI', 'true');
    const first = await verify(...quick, ...keep);
    vi.unstubAllEnvs();
    const [, path, content] = /commit it as (\S+):\n(.*)/.exec(first.out)!;
    expect(readFileSync(path!, 'utf8')).toBe(`${content}\n`);
    const next = await verify('--instances', '2', '--seed', '2', ...keep);
    expect(next.out).toMatch(/REFUTED {2}definition\/step {3}\(kept from an earlier run\)/);
    expect(next.out).not.toMatch(/commit it as/);
  });
});

describe('--quiet', () => {
  test('prints only refutations and the closing line', async () => {
    const claims = ['--claim', 'definition', '--claim', 'contract/advance-adds', '--quiet'];
    const right = await verify(...quick, ...claims);
    expect([right.out, right.err]).toEqual([
      expect.stringMatching(/^2 claims, 4 instances: 2 hold, 0 refuted; .*; seed 1\n$/),
      '',
    ]);
    const wrong = await verify(...quick, ...claims, '--solver', 'fixtures/impostors/sigmas-swapped.ts');
    expect(wrong.err).toBe('');
    expect(wrong.out).toMatch(/^REFUTED {2}definition[^]*\n\n2 claims, \d instances: 1 hold, 1 refuted; seed 1\n$/);
  });
});

describe('a solver that misbehaves', () => {
  const shared = (length: number): Int32Array => new Int32Array(new SharedArrayBuffer(4 * length));
  const task = { claim: 'contract/advance-adds', seed: 1, instances: 2, shrink: true, epoch: Date.now() };
  const cases: [string, string, RegExp][] = [
    [
      'throws',
      'export default () => { throw new Error("no idea"); };',
      /the solver threw when a descent was started: no idea/,
    ],
    ['returns no descent', 'export default () => null;', /returned no descent/],
    ['returns NaN', nanSolver('NaN'), /has NaN in row 1, column 1/],
    ['has no default export', 'export const solver = 1;', /has no function as its default export/],
    ['fails on import', 'throw new Error("broken");', /cannot be imported: broken/],
    ['does not parse', 'export default (', /cannot be imported/],
  ];
  test.each(cases)('that %s is told in one sentence', async (name, text, message) => {
    const solver = file(`${name.replaceAll(' ', '-')}.mjs`, text);
    const found = await work({ ...task, solver, progress: shared(2), time: shared(1) });
    const sentence = 'cannotLoad' in found ? found.cannotLoad : 'verdict' in found && found.verdict.refutation!.finding;
    expect(sentence).toMatch(message);
    expect(sentence).not.toMatch(/\n/);
  });

  test('is refuted with exit code 1 where it throws or hangs, and refused with 2 where it cannot be loaded', async () => {
    const texts = ['export default () => null;', 'export default () => { for (;;); };', 'export const solver = 1;'];
    const results: Result[] = [];
    for (const [i, text] of texts.entries()) {
      // Loading counts too: on a busy machine it may take as long as a hang that is not waited for.
      const timeout = text.includes('for') ? ['--timeout', '0.5'] : [];
      const solver = file(`${i}.mjs`, text);
      results.push(await verify(...quick, '--claim', 'contract', ...timeout, '--solver', solver));
    }
    expect(results.map(({ code }) => code)).toEqual([1, 1, 2]);
    expect(results[1]!.out).toMatch(/longer than 0\.5 s/);
    for (const { out, err } of results) expect(out + err).not.toMatch(/^\s+at /m);
  });

  test('that never asks for noise is announced', async () => {
    const { code, out } = await verify(
      ...quick,
      '--solver',
      'fixtures/impostors/plain-gd.ts',
      '--claim',
      'contract',
      '--claim',
      'balance/emerges',
    );
    expect(out).toMatch(/This solver never draws from the noise source/);
    expect(out).toMatch(/contract\/fresh-noise +\w+ +0 {2}not applicable/);
    expect(out).toMatch(/balance\/emerges +\w+ +\d+ {2}refuted/);
    expect(code).toBe(1);
  });
});

describe('while a counterexample is being shrunk', () => {
  /** Changes the target that it was given, and lets a candidate of the shrinking wait. */
  const mutating = (wait: string): string =>
    `export default ({ target, start }) => ({ X: start.X, Y: start.Y, advance() { ${wait} target.set(0, 0, 3); } });`;
  const sleep = 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);';
  const args = ['--seed', '1', '--claim', 'contract/input-untouched'];

  test('an interrupt loses nothing: the refutation is told and kept as far as it is shrunk', async () => {
    const keep = join(folder, 'kept');
    const solver = file('slow.mjs', mutating(sleep));
    const child = spawn(process.execPath, [...node, ...common, ...args, '--solver', solver, '--keep', keep]);
    let out = '';
    child.stdout.on('data', (chunk) => (out += String(chunk)));
    const closed = once(child, 'close');
    const kept = (): string[] =>
      existsSync(keep)
        ? readdirSync(keep, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.json'))
        : [];
    while (kept().length === 0) await setTimeout(20);
    child.kill('SIGINT');
    expect(await closed).toEqual([130, null]);
    expect(out).toMatch(/REFUTED {2}contract\/input-untouched .*, which was cut short\)/);
    expect(readAll(keep).kept).toHaveLength(1);
  });

  test('a call that hangs is ended, and the refutation stands', async () => {
    const hangs = mutating('if (target.rows * target.columns === 1) for (;;);');
    const { code, out } = await verify(...args, '--solver', file('hangs.mjs', hangs), '--timeout', '1');
    expect(code).toBe(1);
    expect(out).toMatch(/longer than 1 s while its counterexample was being shrunk/);
    expect(out).toMatch(/REFUTED {2}contract\/input-untouched/);
  });
});

describe('a program in another language', () => {
  const hasNumPy = spawnSync('python3', ['-c', 'import numpy']).status === 0;
  const command = (...words: string[]): string[] => ['--seed', '1', '--solver-command', words.join(' ')];

  test.skipIf(!hasNumPy)('in NumPy passes, and with a mistake it does not (needs python3 with NumPy)', async () => {
    const families = ['definition', 'contract/fresh-noise'].flatMap((family) => ['--claim', family]);
    const right = await verify(...command('python3 examples/numpy_solver.py'), ...families);
    expect(right.code, right.out + right.err).toBe(0);
    const wrong = await verify(...command('python3 examples/numpy_wrong.py'), '--claim', 'definition/step');
    expect(wrong.code).toBe(1);
    expect(wrong.out).toMatch(/Replay: .*--solver-command 'python3 examples\/numpy_wrong\.py'/);
  });

  const answering = (body: string): string[] => {
    const script = `require("readline").createInterface({ input: process.stdin }).on("line", (line) => { ${body} });`;
    return command('node', '-e', `'${script}'`);
  };
  const cases: [string, string[], number, RegExp][] = [
    ['is not found', command('no-such-program'), 2, /the program ended with exit code 127/],
    ['ends at once', command('exit 3'), 2, /the program ended with exit code 3/],
    ['writes text', answering('console.log("hello")'), 2, /wrote "hello", which is not JSON/],
    ['writes other JSON', answering('console.log(line)'), 2, /answer with the iterate as/],
    ['answers with an error', answering('console.log(JSON.stringify({ error: "no idea" }))'), 2, /the error "no idea"/],
    [
      'ends later',
      answering('if (line.includes("advance")) throw "tired"; console.log(line)'),
      2,
      /the program ended with|ended by/,
    ],
    ['hangs', [...answering(''), '--timeout', '0.5'], 1, /longer than 0\.5 s/],
  ];
  test.each(cases)('that %s', async (_, args, code, message) => {
    const result = await verify(...args, '--claim', 'definition');
    expect(result.out + result.err).toMatch(message);
    expect(result.code, result.out + result.err).toBe(code);
  });
});

/** Starts as it should, but its X is not a number after a step. */
function nanSolver(value: string): string {
  return `import { Matrix } from ${JSON.stringify(import.meta.resolve('ml-matrix'))};
    export default ({ start }) => ({ X: Matrix.zeros(start.X.rows, start.X.columns).fill(${value}), Y: start.Y, advance() {} });`;
}

describe('bad usage is one sentence and exit code 2', () => {
  const cases: [string[], RegExp][] = [
    [['--claim', 'nonsense/claim'], /--claim nonsense\/claim is neither a claim nor a family/],
    [['--instances', '0'], /--instances is 0: give a whole number/],
    [['--seed', 'abc'], /the seed is abc/],
    [['--timeout', '-1'], /--timeout is -1/],
    [['--workers', '0'], /--workers is 0: give a whole number from 1 to 256/],
    [['--solver', 'missing.ts'], /--solver missing\.ts does not exist/],
    [['--frobnicate'], /Unknown option '--frobnicate'/],
    [
      ['--dimension', '2.5'],
      /--dimension is 2\.5: give a whole number from 1 to 9007199254740991, such as 1000000 or 1e6/,
    ],
    [['--dimension', '0'], /--dimension is 0/],
    [['--dimension', '1e16'], /--dimension is 1e16/],
    [['--dimension', 'x1e6x'], /--dimension is x1e6x/],
    [['--dimension=-1'], /--dimension is -1/],
    [
      ['--dimension', '1e3', '--solver', 'fixtures/faithful/textbook.ts'],
      /--dimension 1e3 and --solver .* give one of them/,
    ],
    [['--target', 'fixtures/targets/iris.csv'], /without a rank/],
    [['--rank', '2'], /without a target/],
    [['--target', 'fixtures/targets/iris.csv', '--rank', '5'], /--rank is 5: give a whole number from 1 to 4/],
    [['--instance', 'x'], /--instance is x/],
    [['--solver-command', ' '], /--solver-command is empty/],
    [['--solver-command', 'x', '--solver', 'y'], /give one of them/],
  ];
  test.each(cases)('%j', (args, message) => {
    expect(() => readOptions(args, {})).toThrow(BadUsage);
    expect(() => readOptions(args, {})).toThrow(message);
  });

  test('and no stack trace', () => {
    const { code, err } = verifyFromOutside('--seed', 'abc');
    expect(code).toBe(2);
    expect(err.trim().split('\n')).toEqual(['flat-minima: the seed is abc: give a whole number from 0 to 2147483647']);
  });

  test.each([
    ['ragged', '1,2\n3\n', /has 1 numbers in row 2 but 2 in row 1/],
    ['text', 'a,b\n1,2\n', /has "a" in row 1, column 1/],
    ['empty', '\n', /is empty/],
    ['infinite', '1,Infinity\n', /has "Infinity" in row 1, column 2/],
  ])('a target that is %s', (name, text, message) => {
    expect(() => readCsv(file(`${name}.csv`, text))).toThrow(message);
  });
});
