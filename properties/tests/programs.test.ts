/** The command `verify` on solvers that are programs (docs/protocol.md). */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { commandLine } from './command-line.ts';

const { verify } = commandLine();

const command = (program: string, instances = 2): string[] => [
  ...['--seed', '1', '--instances', String(instances), '--solver-command', program],
];
const claims = (...ids: string[]): string[] => ids.flatMap((id) => ['--claim', id]);
const inNode = (...modes: string[]): string => ['node fixtures/programs/solver.mjs', ...modes].join(' ');

describe('a program', () => {
  // Its noise is altered, or it has to be known: no step can do without the numbers.
  const noiseMatters = claims('limit/noise-law', 'orvieto/limit', 'balance/pathwise');

  test.each([
    ['one at a time', inNode('strict')],
    ['in batches', inNode('strict', 'batch')],
  ])('is sent all the noise that a claim depends on, %s', async (_, program) => {
    const { code, out, err } = await verify(...command(program), ...noiseMatters);
    expect(code, out + err).toBe(0);
    expect(out).toMatch(/3 claims, 6 instances: 3 hold/);
  });

  test('draws numbers of its own on a long run of which only the distribution matters', async () => {
    const [able, unable] = [inNode('batch'), inNode('batch', 'strict')];
    expect((await verify(...command(able), ...claims('limit/closed-form'))).code).toBe(0);
    const { code, out } = await verify(...command(unable), ...claims('limit/closed-form'));
    expect(code).toBe(4);
    expect(out).toMatch(/the program answered with the error "no numbers for \d+ steps"/);
  });

  test('is started once for a worker, and its standard error is passed on, marked', async () => {
    const { err } = await verify(...command(inNode()), ...claims('contract', 'gd/descent'));
    expect(err.match(/^\[solver\] started$/gm)).toHaveLength(1);
  });
});

describe('a program that', () => {
  const answering = (body: string): string => {
    const script = `require("readline").createInterface({ input: process.stdin }).on("line", (line) => { ${body} });`;
    return `node -e '${script}'`;
  };
  const cases: [string, string, number, RegExp][] = [
    ['is not found', 'no-such-program', 2, /the program ended with exit code 127/],
    ['ends at once', 'exit 3', 2, /the program ended with exit code 3/],
    ['writes text', answering('console.log("hello")'), 2, /wrote "hello", which is not JSON/],
    ['writes other JSON', answering('console.log(line)'), 2, /answer with the iterate as/],
    ['answers with an error', answering('console.log(JSON.stringify({ error: "no idea" }))'), 2, /the error "no idea"/],
    [
      'writes a line more',
      inNode('chatty'),
      2,
      /the program wrote "a remark", which is not JSON: answer every request with one line of JSON/,
    ],
    [
      'answers twice',
      answering('const matrix = [[1]]; console.log(JSON.stringify({ X: matrix, Y: matrix }).concat("\\n").repeat(2))'),
      2,
      /the program wrote "\{"X":\[\[1\]\].*" without a request: answer every request with one line of JSON/,
    ],
    ['leaves out an answer', inNode('batch', 'short'), 4, /a batch of \d+ requests with \d+ answers: answer each/],
    [
      'does not answer all',
      inNode('batch', 'alone'),
      4,
      /answer a batch with \{"batch": \[an answer to each request\]\}/,
    ],
    ['ends later', answering('if (line.includes("advance")) throw "tired"; console.log(line)'), 2, /ended (with|by)/],
    ['hangs', `${answering('')} --timeout 0.5`, 4, /longer than 0\.5 s/],
  ];
  test.each(cases)('%s: one sentence', async (_, program, code, message) => {
    const [line, ...rest] = program.split(/ (?=--timeout)/);
    const args = [...command(line!), ...rest.flatMap((option) => option.split(' '))];
    const result = await verify(...args, ...claims('contract/no-shared-state', 'law/step-variance'));
    expect(result.out + result.err).toMatch(message);
    expect(result.code, result.out + result.err).toBe(code);
    expect(result.out + result.err).not.toMatch(/^\s+at /m);
  });
});

interface Example {
  readonly program: string;
  readonly needs: string;
  readonly isThere: boolean;
}

/** An example for the first Python that has the module: Debian's packages are there for its own Python only. */
function inPython(file: string, module: string, needs: string): Example {
  const has = `import importlib.util as i, sys; sys.exit(i.find_spec("${module}") is None)`;
  const python = ['python3', '/usr/bin/python3'].find((each) => spawnSync(each, ['-c', has]).status === 0);
  return { program: `${python ?? 'python3'} examples/${file}`, needs, isThere: python !== undefined };
}

const octave = spawnSync('octave-cli', ['--no-init-file', '--eval', 'jsondecode("1");']).status === 0;
const inNumPy = inPython('numpy_solver.py', 'numpy', 'needs Python with NumPy');
const inOctave = {
  program: 'octave-cli --no-init-file examples/octave_solver.m',
  needs: 'needs GNU Octave 7 or newer',
  isThere: octave,
};
const inTorch = inPython('torch_solver.py', 'torch', 'needs Python with PyTorch');

/** The requests and answers that the document shows; the last part is in batches. */
const transcripts = [...readFileSync('docs/protocol.md', 'utf8').matchAll(/```text\n(> [^]*?)```/g)].map(([, text]) =>
  text!.trim().split('\n'),
);

/** The program's answers to the document's requests, and the document's answers. */
function answers(program: string, parts: readonly string[][]): { given: unknown[]; shown: unknown[] } {
  const lines = (mark: string): string[] =>
    parts.flat().flatMap((line) => (line.startsWith(mark) ? [line.slice(mark.length)] : []));
  const { stdout } = spawnSync(program, { shell: true, encoding: 'utf8', input: `${lines('> ').join('\n')}\n` });
  // The sign of being able to take batches may stand in any answer.
  const parsed = (line: string): unknown => JSON.parse(line.replace(/, ?"batch": ?true/, ''));
  return { given: stdout.trim().split('\n').map(parsed), shown: lines('< ').map(parsed) };
}

describe('the protocol as its document shows it', () => {
  const fixture = { program: inNode('batch'), needs: 'Node', isThere: true };
  for (const { program, needs, isThere } of [fixture, inNumPy, inOctave]) {
    test.skipIf(!isThere)(`is that of ${program} (${needs})`, () => {
      const { given, shown } = answers(program, transcripts.slice(0, program === inOctave.program ? 1 : 2));
      expect(shown.length).toBeGreaterThan(4);
      // Sums of products in another order differ by their rounding.
      expect(rounded(given)).toEqual(rounded(shown));
    });
  }
});

const rounded = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value), (_, entry: unknown) => (typeof entry === 'number' ? entry.toPrecision(14) : entry));

describe('an example', () => {
  for (const { program, needs, isThere } of [inNumPy, inOctave, inTorch]) {
    test.skipIf(!isThere)(`${program} passes (${needs})`, async () => {
      const some = claims('contract', 'law/step-covariance', 'symmetry/rotation', 'gd/descent');
      const { code, out, err } = await verify(...command(program), ...some);
      expect(code, out + err).toBe(0);
      expect(err).not.toMatch(/\[solver\] /);
    });
  }

  for (const { program, needs, isThere } of [inNumPy, inOctave, inTorch]) {
    test.skipIf(!isThere)(`${program} reads and writes numbers to the last bit (${needs})`, () => {
      const numbers = Array.from({ length: 400 }, (_, i) => [Math.sin(i + 1) * 10 ** ((i % 13) - 6)]);
      const start = { descent: 1, target: numbers.map(([x]) => [x, 1]), X: numbers, Y: [[1], [0.1]] };
      const request = JSON.stringify({ ...start, stepSize: 0.01, noise: null });
      const { stdout } = spawnSync(program, { shell: true, encoding: 'utf8', input: `${request}\n` });
      expect((JSON.parse(stdout) as { X: number[][] }).X).toEqual(numbers);
    });
  }

  test.skipIf(!inNumPy.isThere)(`numpy_wrong.py, which has a mistake, is refuted (${inNumPy.needs})`, async () => {
    const wrong = inNumPy.program.replace('solver', 'wrong');
    const { code, out, err } = await verify(...command(wrong), ...claims('law/step-covariance'));
    expect(code, out + err).toBe(1);
    expect(out).toMatch(/Replay: .*--solver-command '\S*python3 examples\/numpy_wrong\.py'/);
  });
});
