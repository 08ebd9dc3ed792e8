/** The documents agree with the registry and the command line. */
import { CHAPTERS, isProof } from '../model/proofs.ts';
import { filesIn } from '../cli/files.ts';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { NONE, type Claim } from '../model/claim.ts';
import { boundsOn } from '../run/chance.ts';
import { gaps, ledger, withHeadlines } from '../cli/ledger.ts';
import { claims, defects } from '../claims/registry.ts';
import { statements } from '../claims/statements.ts';
import { stepSize } from '../run/violations.ts';
import { readOptions } from '../cli/options.ts';
import { asked } from '../cli/upkeep.ts';

const text = (file: string): string => readFileSync(file, 'utf8');
const SOME = 'fixtures/equivalent/textbook.ts';
const REWRITE = 'run npm run verify -- --ledger';

describe('the documents', () => {
  test('docs/claims.md is the registry', () => {
    expect(text('docs/claims.md') === ledger(), REWRITE).toBe(true);
  });

  test('the table of the README is the registry', () => {
    expect(withHeadlines(text('README.md')) === text('README.md'), REWRITE).toBe(true);
  });

  const documents = [
    'README.md',
    'docs/theory.md',
    'docs/claims.md',
    'docs/calibration.md',
    'docs/protocol.md',
    'docs/mutation.md',
    'docs/scale-out.md',
    'examples/README.md',
    'coverage/README.md',
    'bench/README.md',
    'fixtures/experiments/README.md',
    'fixtures/reference/README.md',
  ];

  test.each(documents.filter((file) => existsSync(file)))('every command that %s shows is one', (file) => {
    const scripts = Object.keys((JSON.parse(text('package.json')) as { scripts: object }).scripts);
    const shown = text(file).replaceAll('npx flat-minima verify', 'npm run verify --');
    for (const [, command] of shown.matchAll(/(npm (?:run [a-z]+|test|ci)\b(?:(?!-->)[^`\n])*)/g)) {
      const [script, ...args] = command!
        .replace(/^npm (run )?/, '')
        .trim()
        .split(/[;&|]|\s#/)[0]!
        .match(/"[^"]*"|'[^']*'|\S+/g)!;
      expect(['ci', ...scripts], command).toContain(script);
      // The reader's own solver stands as ./mine.ts or ./my-solver.ts.
      const own = args
        .slice(1)
        .map((arg) => (/^\.\/(mine|my-solver)\.ts$/.test(arg) ? SOME : arg.replace(/^["']|["']$/g, '')));
      // A clone has no evidence of an earlier run.
      if (script === 'verify' && !own.some((arg) => /^<|\$|evidence\.json$/.test(arg)))
        readOptions(asked(own)?.rest ?? own, {});
    }
  });

  const chapters = Object.keys(CHAPTERS).map((chapter) => `docs/theory/${chapter}.md`);
  const anchorsIn = (file: string): string[] => [...text(file).matchAll(/<a id="([^"]+)"><\/a>/g)].map(([, id]) => id!);

  test('the chapters of docs/theory have the anchors that the code knows, and the index lists them all', () => {
    expect(chapters.map(anchorsIn)).toEqual(Object.values(CHAPTERS));
    expect(
      filesIn('docs/theory')
        .map((file) => `docs/theory/${file}`)
        .sort(),
    ).toEqual(chapters.sort());
    const index = text('docs/theory.md');
    for (const chapter of Object.keys(CHAPTERS)) {
      expect(index).toContain(`](theory/${chapter}.md)`);
      const sections = [...text(`docs/theory/${chapter}.md`).matchAll(/<a id="([^"]+)"><\/a>\n+## /g)];
      for (const [, anchor] of sections) expect(index).toContain(`](theory/${chapter}.md#${anchor})`);
    }
  });

  test.each([...documents, ...chapters])('every link of %s into docs/theory finds its anchor', (file) => {
    const links = [...text(file).matchAll(/([a-z-]+)\.md#([a-z0-9-]+)/g)].filter(([, chapter]) =>
      Object.hasOwn(CHAPTERS, chapter!),
    );
    expect(links.filter(([, chapter, id]) => !CHAPTERS[chapter!]!.includes(id!)).map(([link]) => link)).toEqual([]);
    expect(statements.filter(({ anchor }) => !isProof(anchor))).toEqual([]);
  });

  test('so does every reference of a source', () => {
    const sources = ['src', 'properties', 'fixtures', 'examples', 'bench', 'tools'].flatMap((folder) =>
      filesIn(folder)
        .filter((file) => /\.(ts|mjs|py)$/.test(file))
        .map((file) => `${folder}/${file}`),
    );
    const references = sources.flatMap((file) =>
      [...text(file).matchAll(/docs\/theory\/([a-z-]+)\.md#([a-z0-9-]+)/g)].map(([link, chapter, id]) => ({
        where: `${file}: ${link}`,
        found: CHAPTERS[chapter!]?.includes(id!) ?? false,
      })),
    );
    expect(references.length).toBeGreaterThan(100);
    expect(references.filter(({ found }) => !found).map(({ where }) => where)).toEqual([]);
  });

  test('links within a document find their anchors', () => {
    const headings = claims.map(({ id }) => id.replace('/', ''));
    for (const file of [...documents, ...chapters]) {
      const known = new Set([...anchorsIn(file), ...headings]);
      const links = [...text(file).matchAll(/\]\(#([a-z0-9-]+)/g)].map(([, id]) => id!);
      expect(
        links.filter((id) => !known.has(id)),
        file,
      ).toEqual([]);
    }
  });
});

describe('the registry', () => {
  test('has nothing to complain of, and every numbered statement is checked or says why not', () => {
    expect(defects(claims)).toEqual([]);
    expect(gaps()).toEqual([]);
  });

  test('shows of every hypothesis that it is needed', () => {
    const open = claims.filter(({ hypotheses }) =>
      hypotheses.some((each) => typeof each === 'string' && each !== NONE),
    );
    expect(open.map(({ id }) => id)).toEqual([]);
  });

  const one = claims.find(({ covers, kind }) => covers === undefined && kind === 'identity')!;
  const random = { basis: 'exact bound', shift: stepSize(1) } as const;
  const cases: [string, Partial<Claim>, RegExp][] = [
    ['without a proof', { proof: '' }, /no proof/],
    ['with an anchor that does not resolve', { proof: 'nowhere' }, /#nowhere, which/],
    ['without hypotheses', { hypotheses: [] }, /no hypotheses/],
    ['without a source', { source: '' }, /no source/],
    ['without a sentence', { statement: 'balance' }, /no statement/],
    ['of no numbered statement', { items: [] }, /no numbered statement/],
    ['of a statement that does not exist', { items: ['9.9'] }, /9\.9, which does not exist/],
    ['that is random and does not say so', { kind: 'statistical' }, /does not declare `random`/],
    ['that says it is random and is not', { random }, /nothing in it is random/],
    [
      'that says nothing about what it finds',
      { kind: 'stochastic trajectory', random: { basis: 'exact bound' } },
      /does not say which deviation/,
    ],
    ['with an id of another form', { id: 'balance' }, /not of the form/],
  ];
  test.each(cases)('refuses a claim %s', (_, change, message) => {
    expect(defects([{ ...one, ...change }]).join()).toMatch(message);
  });

  test('a run says how often it may blame a correct solver', () => {
    const ofSolver: Claim = { ...one, kind: 'statistical', needs: 'law', random };
    const ofTheory: Claim = { ...ofSolver, needs: 'theory' };
    expect(boundsOn([[one, 100]])).toEqual({ solver: 0, statement: 0, random: 0 });
    // 1e-10 per instance, the same for a shorter one, and once for the pooled test.
    const bounds = boundsOn([[one, 100], [ofSolver, 100], [ofTheory, 50]]); // prettier-ignore
    expect(bounds.solver).toBeCloseTo(201e-10, 15);
    expect(bounds.statement).toBeCloseTo(150e-10, 15);
    expect(bounds.random).toBe(2);
  });

  test('refuses two claims with one id', () => {
    expect(defects([one, one])).toEqual([`two claims have the id ${one.id}`]);
  });
});
