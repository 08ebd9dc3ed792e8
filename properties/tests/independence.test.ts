/**
 * A mistake in the solver of src leaves the tests of everything else green: where a correct solver is needed they take the
 * reference descent, and few files use the solver of src.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { expect, test } from 'vitest';

/** Files that use the solver of src, with the reason. */
const USES: Readonly<Record<string, string>> = {
  'properties/claims/orvieto/orvieto.ts': 'it claims the limit of a variant that src builds from the solver',
  'properties/cli/load.ts': 'without --solver it is the solver under judgement',
  'properties/cli/upkeep.ts': 'costs and calibration are measured on the faster solver, which the claims judge',
  'properties/explorer/simulation.ts': 'the page runs it',
  'properties/report/solvers/our-solver.ts': 'it is a row of docs/solvers.md',
  'properties/study/coverage.ts': 'coverage is measured on the faster solver, which the claims judge',
  'properties/tests/claims/family.ts': 'without SOLVER it is the solver under judgement',
  'properties/tests/degenerate.test.ts': 'it has to hold on every finite target',
  'properties/tests/explorer-model.test.ts': 'the page runs it',
  'properties/tests/reference-descent.test.ts': 'it is compared with the reference',
};

const SOLVER = /\b(?:perturbedGradientDescent|perturbedDescent|oneFactorNoiseDescent|otherFactorNoiseDescent)\b/;

/** The tests of src, from their list in the settings of vitest. */
const OF_SRC = /tests\/\{([a-z,-]+)\}\.test\.ts/.exec(readFileSync('vitest.config.ts', 'utf8'))![1]!.split(',');

/** Code without its comments: examples in them show the solver to users. */
const codeOf = (file: string): string => readFileSync(file, 'utf8').replace(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, '');

test('few files use the solver of src; the others take referenceDescent, and on the command line CORRECT', () => {
  const files = readdirSync('properties', { recursive: true, encoding: 'utf8' })
    .map((name) => `properties/${name.replaceAll('\\', '/')}`)
    .filter((name) => name.endsWith('.ts') && !OF_SRC.includes(basename(name, '.test.ts')))
    .filter((name) => name !== 'properties/tests/independence.test.ts');
  const using = files.filter((file) => SOLVER.test(codeOf(file)));
  expect(using.sort()).toEqual(Object.keys(USES));
});

test('the reference, and the fixture that exports it, run no code of src', () => {
  for (const file of ['properties/oracles/reference-descent.ts', 'fixtures/reference.ts'])
    for (const [line] of codeOf(file).matchAll(/^.*\bfrom '.*\/src\/.*$/gm)) expect(line).toMatch(/^import type /);
});
