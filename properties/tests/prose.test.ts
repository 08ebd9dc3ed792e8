/** Comments, messages and help have none of the patterns of .prh.yml, which textlint finds in Markdown only. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** Sources that this repository wrote by hand. */
const sources = [
  'src',
  'properties',
  'tools',
  'bench',
  'examples',
  join('fixtures', 'mutants'),
  join('fixtures', 'equivalent'),
]
  .flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)))
  .filter((file) => /\.(?:ts|mts|mjs|py|html)$/.test(file) && !/node_modules|dist/.test(file));

/** Lines with a pattern that are right, with the reason. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  "fields.has('twin')": 'a parameter of links from the version before',
};

const rules = [...readFileSync('.prh.yml', 'utf8').matchAll(/pattern: "\/(.+)\/(i?)"/g)].map(
  ([, pattern, flags]) => new RegExp(pattern!.replaceAll('\\\\', '\\'), flags),
);
/** A comment that begins with a clause instead of a noun. */
const clause = /(?:\/\*\*|\/\/) What /;

const isException = (line: string): boolean => Object.keys(EXCEPTIONS).some((part) => line.includes(part));

function offences(file: string): string[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.flatMap((line, i) =>
    [...rules, clause].some((rule) => rule.test(line)) && !isException(line) ? [`${file}:${i + 1} ${line.trim()}`] : [],
  );
}

test('the rules are read', () => {
  expect(rules.length).toBeGreaterThan(15);
  expect(rules.some((rule) => rule.test('matrices are told by their index'))).toBe(true);
});

test('no source has a pattern of private idiom', () => {
  expect(sources.length).toBeGreaterThan(400);
  const own = join('properties', 'tests', 'prose.test.ts');
  expect(sources.filter((file) => file !== own).flatMap(offences)).toEqual([]);
});
