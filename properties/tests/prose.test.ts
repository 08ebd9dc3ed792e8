/** Comments, messages and help have none of the patterns of .prh.yml, which textlint finds in Markdown only. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** Sources that this repository wrote by hand. */
const sources = ['src', 'properties', 'tools', 'bench', 'examples', 'fixtures', '.github', '.ci']
  .flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)))
  .concat(readdirSync('.').filter((name) => /\.(?:ts|json)$/.test(name) && name !== 'package-lock.json'))
  .filter(
    (file) =>
      /\.(?:ts|mts|mjs|py|m|c|html|yml)$|README\.md$|^[^/\\]+\.json$|\.ci.run$/.test(file) &&
      !/node_modules|dist/.test(file),
  );

/** Lines with a pattern that are right, with the reason. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  "fields.has('twin')": 'a parameter of links from the version before',
};

const rules = [...readFileSync('.prh.yml', 'utf8').matchAll(/pattern: "\/(.+)\/(i?)"/g)].map(
  ([, pattern, flags]) => new RegExp(pattern!.replaceAll('\\\\', '\\'), flags),
);
/** Whether a line begins a comment, or the text of a block, with a clause instead of a noun. */
const opensWithClause = (lines: readonly string[], i: number): boolean =>
  /(?:\/\*\*|\/\/|^\s*#) What |\/\*\* (?:Of|Where) /.test(lines[i]!) ||
  (/^\s*\* (?:What|Of|Where) /.test(lines[i]!) && /^\s*\/\*\*?$/.test(lines[i - 1] ?? ''));

const isException = (line: string): boolean => Object.keys(EXCEPTIONS).some((part) => line.includes(part));

function offences(file: string): string[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  const isBad = (line: string, i: number): boolean =>
    rules.some((rule) => rule.test(line)) || opensWithClause(lines, i);
  return lines.flatMap((line, i) => (isBad(line, i) && !isException(line) ? [`${file}:${i + 1} ${line.trim()}`] : []));
}

test('the rules are read', () => {
  expect(rules.length).toBeGreaterThan(15);
  expect(rules.some((rule) => rule.test('matrices are told by their index'))).toBe(true);
  expect(opensWithClause(['/**', ' * What the loops share.'], 1)).toBe(true);
  expect(opensWithClause(['/**', ' * What is it?', ' */'], 2)).toBe(false);
});

test('no source has a pattern of private idiom', () => {
  expect(sources.length).toBeGreaterThan(400);
  const own = join('properties', 'tests', 'prose.test.ts');
  expect(sources.filter((file) => file !== own).flatMap(offences)).toEqual([]);
});
