/**
 * Sources are free of the patterns of .prh.yml, which textlint finds in Markdown only; comments also of others, which have
 * a meaning in code or in mathematical prose.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { table } from '../explain/words.ts';

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

/** Patterns that no comment has: clauses in place of a condition or a noun, and verbs of perception. */
const IN_COMMENTS: readonly RegExp[] = [
  /\bwhere (?:it|they|there|that|this|one|none|no|nothing|not|both|all|any|some|only)\b/i,
  /(?:^|[.;:] )Where\b/,
  /[,;:] (?:and )?what (?!is wrong\b|to\b)/,
  /\b(?:as|at|in|on|to|about) what\b(?! to\b)/,
  /\bHow (?:far|many|much|often|long|near)\b/,
  /\bbesides?\b/i,
  /\b(?:sees|feels|hurts) /,
  /\bheld (?:to|against)\b/,
  /\b(?:hence|afresh|wherever)\b/i,
  /\bthe laws? of\b/,
  /(?<!(?:soon|far|long) )\bas (?:it|they) (?:is|are|was|were)\b/i,
];

/** Comments with their first lines; successive comments of one line are one. Code in backquotes is left out. */
const commentsIn = (text: string): { line: number; comment: string }[] =>
  [...text.matchAll(/\/\*[^]*?\*\/|(?:(?<=^|\s)\/\/ .*\n\s*)+/g)].map(({ 0: raw, index }) => ({
    line: text.slice(0, index).split('\n').length,
    comment: raw
      .replace(/\s*\n\s*(?:\*|\/\/)?\s*/g, ' ')
      .replace(/`[^`]*`/g, '``')
      .replace(/^\/[*/]+ */, ''),
  }));

const badComments = (file: string): string[] =>
  commentsIn(readFileSync(file, 'utf8'))
    .filter(({ comment }) => IN_COMMENTS.some((rule) => rule.test(comment)))
    .map(({ line, comment }) => `${file}:${line} ${comment}`);

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

test('comments are read as a whole', () => {
  const text = "const one = 1; // first\n\n/**\n * The sides,\n * and what `is wrong` does.\n */\nf('http://a');\n";
  const found = commentsIn(text);
  expect(found.map(({ line }) => line)).toEqual([1, 3]);
  expect(found.map(({ comment }) => IN_COMMENTS.some((rule) => rule.test(comment)))).toEqual([false, true]);
});

test('no source has a pattern of private idiom', () => {
  expect(sources.length).toBeGreaterThan(400);
  const own = join('properties', 'tests', 'prose.test.ts');
  expect(sources.filter((file) => file !== own).flatMap(offences)).toEqual([]);
});

test('no comment has a clause in place of a condition or a noun', () => {
  const commented = sources.filter((file) => /\.(?:ts|mts|mjs)$/.test(file));
  expect(commented.length).toBeGreaterThan(300);
  expect(commented.flatMap(badComments)).toEqual([]);
});

test('the glossary has the columns of the table of verdicts', () => {
  const glossary = readFileSync(join('docs', 'glossary.md'), 'utf8');
  const columns = table([]).split('\n')[0]!.trim().split(/ {2,}/);
  expect(columns).toContain('needed');
  const words = columns.map((column) => column.replace(/^least |s$/g, '')).filter((word) => word !== 'time');
  expect(words.filter((word) => !new RegExp(`^\\| ${word} +\\|`, 'm').test(glossary))).toEqual([]);
});
