/** The examples in the docstrings of functions run, and have the values next to them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import * as program from '../cli/index.ts';
import * as suite from '../index.ts';
import * as studies from '../study/index.ts';
import * as solvers from '../../src/index.ts';
import { outerGram } from '../../src/linear-algebra/geometry.ts';
import { CHI_SQUARE_NORMALS, chiSquare } from '../../src/noise/chi-square.ts';
import { oneFactorAtATime } from '../../src/solvers/one-factor-noise.ts';
import { misfits, sensingSize } from '../../src/theory/sensing.ts';

/** Functions with examples that the package does not export. */
const blocks = { CHI_SQUARE_NORMALS, chiSquare, misfits, oneFactorAtATime, outerGram, sensingSize };

const { describeClaims, ...rest } = suite;
const api = { ...solvers, ...program, ...studies, ...rest, ...blocks };

const functions = Object.entries(api)
  .filter(([name, value]) => typeof value === 'function' && /^[a-z]/.test(name))
  .map(([name]) => name);

const sources = ['src', join('properties', 'cli'), join('properties', 'study')]
  .flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)))
  .filter((file) => file.endsWith('.ts'))
  .map((file) => readFileSync(file, 'utf8'));

/** The example in the docstring of an exported function; undefined without one. */
function exampleOf(name: string): string | undefined {
  const docstring = new RegExp(`/\\*\\*((?:(?!\\*/)[^])*)\\*/\\nexport (?:async )?(?:function|const) ${name}\\b`);
  const found = sources.map((text) => text.match(docstring)?.[1]).find((text) => text !== undefined);
  return found?.match(/@example\n \* ```ts\n((?: \*.*\n)*?) \* ```/)?.[1]?.replace(/^ \* ?/gm, '');
}

/** A line `expression; // value` checks the value: JSON, with numbers to the digits that are written. */
const withChecks = (code: string): string =>
  code.replace(/^(\S.*); \/\/ (undefined|["[{\d-].*|true|false)$/gm, '__check($1, `$2`);');

function check(found: unknown, written: string): void {
  const plain = found instanceof api.Matrix ? found.to2DArray() : found;
  if (written === 'undefined') expect(plain).toBeUndefined();
  else expect(JSON.parse(JSON.stringify(plain), rounded)).toEqual(JSON.parse(written));
}

const rounded = (_: string, value: unknown): unknown => (typeof value === 'number' ? Number(value.toFixed(4)) : value);

type Run = (...values: unknown[]) => Promise<void>;

/** Runs an example, with these names in addition to those of `api`. */
async function runs(example: string, others: Record<string, unknown> = {}): Promise<void> {
  const scope = { ...api, __check: check, ...others };
  // oxlint-disable-next-line typescript/no-implied-eval -- the examples are code of this repository
  const run = new Function(...Object.keys(scope), `return (async () => {\n${withChecks(example)}\n})()`) as Run;
  await run(...Object.values(scope));
}

test.each(functions)('%s', async (name) => {
  const example = exampleOf(name);
  expect(example, `the docstring of ${name} has no @example`).toBeDefined();
  expect(example).toContain(`${name}(`);
  await runs(example!);
});

// Its example defines tests, which no test can do.
await runs(exampleOf('describeClaims')!, { describeClaims });

test('every example is of one of these functions', () => {
  const examples = sources.flatMap((text) => text.match(/@example\n \* ```ts\n/g) ?? []);
  expect(examples).toHaveLength(functions.length + 1);
});
