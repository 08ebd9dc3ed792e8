/** The command `verify` on solvers that throw, hang, print or are interrupted. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { readAll } from '../cli/counterexamples.ts';
import type { Verdict } from '../model/verdict.ts';
import work from '../cli/worker.ts';
import { commandLine, NODE, QUICK, type Result } from './command-line.ts';

const { common, folder, verify, file } = commandLine();

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
  test.each(cases)('that %s is reported in one sentence', async (name, text, message) => {
    const solver = file(`${name.replaceAll(' ', '-')}.mjs`, text);
    const found = await work({ ...task, solver, progress: shared(3), time: shared(1) });
    const ofVerdict = ({ fault, refutation }: Verdict): unknown => fault?.message ?? refutation!.finding;
    const sentence = 'cannotLoad' in found ? found.cannotLoad : 'verdict' in found && ofVerdict(found.verdict);
    expect(sentence).toMatch(message);
    expect(sentence).not.toMatch(/\n/);
  });

  test('is a fault with exit code 4 if it throws or hangs, and refused with 2 if it cannot be loaded', async () => {
    const texts = ['export default () => null;', 'export default () => { for (;;); };', 'export const solver = 1;'];
    const results: Result[] = [];
    for (const [i, text] of texts.entries()) {
      // Loading counts too: on a busy machine it may take as long as a hang that is not waited for.
      const timeout = text.includes('for') ? ['--timeout', '0.5'] : [];
      const solver = file(`${i}.mjs`, text);
      results.push(await verify(...QUICK, '--claim', 'contract', ...timeout, '--solver', solver));
    }
    expect(results.map(({ code }) => code)).toEqual([4, 4, 2]);
    expect(results[1]!.out).toMatch(/longer than 0\.5 s/);
    for (const { out, err } of results) expect(out + err).not.toMatch(/^\s+at /m);
  });

  test('that hangs now and then is a fault with its input, and is judged by the other claims', async () => {
    const solver = file(
      'hangs-on-a-shape.mjs',
      `import { referenceDescent } from ${JSON.stringify(import.meta.resolve('../oracles/reference-descent.ts'))};
       export default (options) => {
         if (options.start.X.rows > 5) for (;;);
         return referenceDescent(options);
       };`,
    );
    const ids = ['definition/step', 'contract/advance-adds', 'gd/descent', 'gd/stable-step', 'gd/imbalance-kept'];
    const families = [...ids, 'dominance/square'].flatMap((id) => ['--claim', id]);
    const args = ['--seed', '1', '--instances', '20', '--timeout', '1', ...families, '--keep', 'none'];
    const { code, out } = await verify(...args, '--solver', solver);
    const [stopped] = /(?<=It stopped )\d+(?= claims)/.exec(out) ?? [];
    expect(Number(stopped)).toBeGreaterThanOrEqual(3);
    expect(out).toMatch(/FAULT {2}a call into the solver took longer than 1 s and was ended/);
    expect(out).toMatch(/ {2}X0 = \[.*\]\n( {7}\[.*\]\n){5,}/);
    expect(out).toMatch(/--seed 1 --instance \d+\n/);
    expect(out).toMatch(/[1-9]\d* hold, 0 refuted, \d+ fault/);
    expect(out).not.toMatch(/not run/);
    expect(code).toBe(4);
  });

  test('that never asks for noise is announced', async () => {
    const { code, out } = await verify(
      ...QUICK,
      '--solver',
      'fixtures/mutants/plain-gd.ts',
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

describe('the output of a solver', () => {
  test('goes to standard error, marked, also while it is loaded', async () => {
    const solver = file(
      'prints.mjs',
      `import { referenceDescent } from ${JSON.stringify(import.meta.resolve('../oracles/reference-descent.ts'))};
       process.stdout.write('load');
       console.log('ed');
       let descents = 0;
       export default (options) => {
         if (descents++ === 0) {
           console.warn('two\\nlines');
           process.stdout.write('no end');
         }
         return referenceDescent(options);
       };`,
    );
    const { code, out, err } = await verify(...QUICK, '--quiet', '--claim', 'gd/descent', '--solver', solver);
    expect(code, out + err).toBe(0);
    expect(out).not.toMatch(/load|lines|no end/);
    expect(err).toMatch(/^\[solver\] loaded\n\[solver\] two\n\[solver\] lines\n\[solver\] no end\n$/);
  });
});

describe('while a counterexample is being shrunk', () => {
  /** Changes the target that it was given, and lets a candidate of the shrinking wait. */
  const mutating = (wait: string): string =>
    `export default ({ target, start }) => ({ X: start.X, Y: start.Y, advance() { ${wait} target.set(0, 0, 3); } });`;
  /** Waits, in milliseconds, without a load on the machine. */
  const sleep = (time: string): string => `Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ${time});`;
  const args = ['--seed', '1', '--claim', 'contract/input-untouched'];

  test('an interrupt loses nothing: the refutation is printed and saved as far as it is shrunk', async () => {
    const keep = join(folder, 'kept');
    const solver = file('slow.mjs', mutating(sleep('50')));
    const child = spawn(process.execPath, [...NODE, ...common, ...args, '--solver', solver, '--keep', keep]);
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
    expect(readAll(keep).saved).toHaveLength(1);
  });

  test('a call that hangs is ended, and the refutation stands', async () => {
    const hangs = mutating(`if (target.rows * target.columns === 1) ${sleep('Infinity')}`);
    const { code, out } = await verify(...args, '--solver', file('hangs.mjs', hangs), '--timeout', '1');
    expect(code).toBe(1);
    expect(out).toMatch(/longer than 1 s while its counterexample was being shrunk/);
    expect(out).toMatch(/REFUTED {2}contract\/input-untouched/);
  });
});

/** Starts as it should, but its X is not a number after a step. */
function nanSolver(value: string): string {
  return `import { Matrix } from ${JSON.stringify(import.meta.resolve('ml-matrix'))};
    export default ({ start }) => ({ X: Matrix.zeros(start.X.rows, start.X.columns).fill(${value}), Y: start.Y, advance() {} });`;
}
