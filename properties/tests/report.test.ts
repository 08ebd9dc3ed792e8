/** The report on a run: the contents of its page, and its behaviour in a browser. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseHTML } from 'linkedom';
import momentum from '../../fixtures/mutants/momentum.ts';
import { referenceDescent } from '../oracles/reference-descent.ts';
import { accessFaults, fitsWidth, hasBrowser, inBrowser, launchBrowser, openPage } from './browser.ts';
import { judge } from '../explain/judge.ts';
import { claimOf, claims, isDerived, derivedFrom } from '../claims/registry.ts';
import { evidenceFile } from '../report/options.ts';
import { palette } from '../report/palette.ts';
import { drawAll, IN_README, standalone } from '../report/pictures/index.ts';
import { writeReport } from '../report/write.ts';
import { inspect } from '../run/subject.ts';
import { evidenceOf, evidenceText, OURS, KEPT_KILLS, readKills } from '../cli/evidence.ts';
import { mutantIn, mutantNames, withClaims, withMutants, killDocument } from '../cli/kills.ts';
import { BadUsage } from '../cli/usage.ts';
import { slackText } from '../explain/words.ts';

const HELD = [
  'definition/step',
  'landscape/origin',
  'landscape/invariant-plane',
  'gd/limit-sign-naive',
  'law/step-variance',
];

/** Our solver on all of these, a wrong one on definition/step, and a reason that tries to be markup. */
function exampleEvidence(): ReturnType<typeof evidenceOf> {
  const [right, wrong] = [inspect(referenceDescent), inspect(momentum)];
  const options = { seed: 1, instances: 5, shrink: false };
  const verdicts = HELD.map((id) => claimOf(id)!)
    .flatMap((claim) => [claim, ...derivedFrom(claim)])
    .map((claim) => judge(claim, claim.id === 'definition/step' ? wrong : right, options));
  const odd = {
    id: 'limit/closed-form',
    outcome: 'undecided',
    reason: '<script>alert(1)</script>',
    instances: 0,
    milliseconds: 0,
  } as const;
  const versions = { package: '1.2.3', node: 'v20.0.0' };
  return evidenceOf({ versions, seed: 1, instances: 5, solver: OURS, ownNoise: false }, [...verdicts, odd]);
}

// The folder is in the project, so that links from the report resolve.
mkdirSync('coverage', { recursive: true });
const folder = mkdtempSync(join('coverage', 'report-'));
afterAll(() => rmSync(folder, { recursive: true }));

const evidence = exampleEvidence();
const source = join(folder, 'evidence.json');
writeFileSync(source, evidenceText(evidence));
const pictures = drawAll();
const file = writeReport(source, pictures);
const own = evidence.claims.filter((entry) => !isDerived(entry));

/** The part of the document's tree that is used here. */
interface Tree {
  readonly id: string;
  readonly textContent: string;
  querySelector(selector: string): Tree | null;
  querySelectorAll(selector: string): Iterable<Tree> & { length: number };
  getElementById(id: string): Tree | null;
  closest(selector: string): Tree | null;
  getAttribute(name: string): string | null;
}

describe('the page', () => {
  const text = readFileSync(file, 'utf8');
  const { document } = parseHTML(text) as unknown as { document: Tree };
  const all = (selector: string): Tree[] => [...document.querySelectorAll(selector)];

  test('has every claim once, the refuted ones first and open, with their refutation', () => {
    const ids = all('tbody.claim').map(({ id }) => id);
    expect(ids[0]).toBe('definition/step');
    expect([...ids].sort()).toEqual(own.map(({ id }) => id).sort());
    expect(document.querySelector('tbody.family')!.textContent.trim()).toBe('refuted');
    const open = all('tbody.claim > tr > td > details[open]');
    expect(open.map((details) => details.closest('tbody')!.id)).toEqual(['definition/step']);
    expect(open[0]!.querySelector('pre')!.textContent).toMatch(
      /^REFUTED {2}definition\/step[^]*Replay: npm run verify/,
    );
    expect(document.querySelector('.finding')!.textContent.replace(/\s+/g, ' ')).toBe(
      '1 claim refuted, 3 claims hold, 1 undecided or not run.',
    );
    const part = `Partial run: 6 of ${claims.length} claims.`;
    expect(document.querySelector('header .partial')!.textContent.replace(/\s+/g, ' ').trim()).toBe(part);
  });

  test('opens to all that is known of a claim', () => {
    const details = document.getElementById('landscape/origin')!.querySelector('.details')!;
    const { formula, hypotheses, source: who } = claimOf('landscape/origin')!;
    expect(details.querySelector('math annotation')!.textContent).toBe(formula);
    expect(details.querySelectorAll('.hypotheses > li').length).toBe(hypotheses.length);
    expect(details.textContent).toContain(who);
    expect(details.textContent).toContain('needed: without it the claim is refuted');
    expect(details.querySelector('.histogram figcaption')!.textContent).toMatch(/of 5 instances/);
    expect(details.querySelector('.closest pre')!.textContent).toMatch(/^Let\n {2}M = /);
    expect(document.getElementById('definition/step')!.querySelectorAll('.mutants a').length).toBeGreaterThan(20);
    expect(document.getElementById('gd/limit-sign-naive')!.textContent).toContain('It is false, as expected');
  });

  test('needs no network, and every file that it links to is there', () => {
    expect(all('script[src], link, img, iframe, object')).toEqual([]);
    expect(/url\(|@import|https?:(?!\/\/www\.w3\.org\/)/.exec(text)?.[0]).toBeUndefined();
    const links = all('a').map((a) => a.getAttribute('href')!);
    const files = links.filter((href) => !href.startsWith('#')).map((href) => href.split('#')[0]!);
    // The command builds the explorer next to the report.
    expect(new Set(files.filter((href) => !existsSync(join(folder, href))))).toEqual(new Set(['explorer/index.html']));
  });

  test('escapes text of others', () => {
    expect(all('script').length).toBe(1);
    expect(document.getElementById('limit/closed-form')!.textContent).toContain('<script>alert(1)</script>');
  });
});

describe('the colours', () => {
  const channel = (hex: string): number => {
    const c = parseInt(hex, 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  };
  const luminance = (colour: string): number => {
    const [r, g, b] = (colour.length === 4 ? colour.replace(/[0-9a-f]/g, '$&$&') : colour).match(/[0-9a-f]{2}/g)!;
    return 0.2126 * channel(r) + 0.7152 * channel(g!) + 0.0722 * channel(b!);
  };
  /** The ratio that the Web Content Accessibility Guidelines define. */
  const contrast = (a: string, b: string): number => {
    const both = [luminance(a), luminance(b)];
    return (Math.max(...both) + 0.05) / (Math.min(...both) + 0.05);
  };

  test.each(['light', 'dark'] as const)('can be distinguished from the ground: %s', (scheme) => {
    const colours = palette[scheme];
    const enough = (name: string, ground: string, least: number): void =>
      expect(contrast(colours[name]!, colours[ground]!), `${name} on ${ground}`).toBeGreaterThan(least);
    for (const ground of ['paper', 'card', 'tint']) {
      for (const name of ['ink', 'muted', 'holds', 'refuted', 'open', 'gd', 'perturbed', 'theory'])
        enough(name, ground, 4.5);
    }
    enough('fill', 'card', 3);
    enough('fill', 'paper', 3);
  });
});

describe('the pictures', () => {
  test('are about claims, and have captions', () => {
    expect(pictures.flatMap(({ claims }) => claims).filter((id) => claimOf(id) === undefined)).toEqual([]);
    for (const { svg, caption } of pictures) {
      expect(svg).toMatch(/^<svg role="img"[^>]* aria-label="[^"]{30,}"/);
      // A mark without data leaves NaN.
      expect(svg).not.toMatch(/NaN|undefined|Infinity/);
      expect(caption.length).toBeGreaterThan(100);
    }
  });

  test.each(IN_README)('%s stands in the README as it is drawn', (name) => {
    const drawn = standalone(pictures.find((picture) => picture.name === name)!);
    const kept = readFileSync(join('docs', 'pictures', `${name}.svg`), 'utf8');
    const number = /-?\d+(?:\.\d+)?/g;
    expect(kept.split(number).join() === drawn.split(number).join(), 'run npm run report').toBe(true);
    const [now, then] = [drawn, kept].map((text) => text.match(number)!.map(Number));
    // The last digit, a tenth of a pixel, may turn on another machine's rounding.
    expect(Math.max(...now!.map((value, i) => Math.abs(value - then![i]!)))).toBeLessThan(0.15);
    expect(kept.length).toBeLessThan(40_000);
    expect(readFileSync('README.md', 'utf8')).toContain(`src="docs/pictures/${name}.svg"`);
  });
});

test('evidence about an unknown claim is refused', () => {
  const strange = join(folder, 'strange.json');
  writeFileSync(strange, evidenceText(evidence).replaceAll('landscape/origin', 'landscape/moon'));
  expect(() => writeReport(strange, [])).toThrow(BadUsage);
  expect(() => writeReport(strange, [])).toThrow(
    /is about landscape\/moon, which is no longer a claim: run verify again/,
  );
});

test.each([
  [['--evidence', 'none.json'], /^--evidence none\.json does not exist: give the path of a file$/],
  [['--evidnce', 'none.json'], /^Unknown option '--evidnce': see npm run report -- --help$/],
])('bad usage is one sentence: %j', (args, message) => {
  expect(() => evidenceFile(args)).toThrow(BadUsage);
  expect(() => evidenceFile(args)).toThrow(message);
});

test('the saved kill matrix has every mutant and every claim that runs a solver', () => {
  const saved = readKills(KEPT_KILLS)!;
  const about = claims.filter(({ needs }) => needs !== 'theory');
  const how = 'run npm run verify -- --kills --seed 1 --instances 5';
  expect(Object.keys(saved.mutants), how).toEqual(mutantNames());
  expect(saved.claims, how).toEqual(about.map(({ id }) => id));
});

test('a claim that is judged again replaces its own column of the matrix', () => {
  const saved = readKills(KEPT_KILLS)!;
  const [first, second] = mutantNames();
  const without = { ...saved, claims: saved.claims!.filter((id) => id !== 'definition/step') };
  expect(killDocument(without)).toMatch(
    /Not tried yet: definition\/step\. Run npm run verify -- --kills --claim <id>\./,
  );
  const { claims: all, mutants } = withClaims(without, {
    ...saved,
    claims: ['definition/step'],
    mutants: { [first!]: ['definition/step'] },
  });
  expect(all).toEqual(saved.claims);
  expect(mutants[first!]).toEqual(saved.mutants[first!]);
  expect(mutants[second!]).toEqual(saved.mutants[second!]!.filter((id) => id !== 'definition/step'));
});

test('a mutant that is judged again replaces its own row of the matrix', () => {
  const saved = readKills(KEPT_KILLS)!;
  const [first, second] = mutantNames();
  const again = { ...saved, mutants: { [second!]: ['a/b'] }, misreadings: {} };
  const { mutants } = withMutants({ ...saved, mutants: { ...saved.mutants, gone: [] } }, again);
  expect(mutants).toEqual({ ...saved.mutants, [second!]: ['a/b'] });
  expect([mutantIn(`fixtures/mutants/${first}.ts`), mutantIn('examples/my-solver.ts')]).toEqual([first, undefined]);
});

test('the kill matrix that it falls back on is that of docs/kills.md', () => {
  const [table] = killDocument(readKills(KEPT_KILLS)!).split(/\n\d+ mutants, /);
  expect(readFileSync(join('docs', 'kills.md'), 'utf8').startsWith(table!)).toBe(true);
});

describe.runIf(hasBrowser)(inBrowser('the page in a browser'), () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  const shown = (page: Page): Promise<string[]> =>
    page.evaluate<string[]>(
      `[...document.querySelectorAll('tbody.claim')].filter((e) => e.checkVisibility()).map((e) => e.id)`,
    );

  test('filters the table, opens the claim of the address, and shows the numbers of the evidence', async () => {
    const { page, complaints, close } = await openPage(browser, `${file}#landscape/origin`);
    expect(await page.locator('[id="landscape/origin"] .details').isVisible()).toBe(true);
    for (const { id, instances, leastSlack, outcome } of own) {
      const row = page.locator(`[id="${id}"] > tr`).first();
      expect(await row.locator('.instances').textContent()).toBe(String(instances));
      expect((await row.locator('.slack').textContent())!.trim()).toBe(
        leastSlack === undefined ? '' : slackText(leastSlack),
      );
      expect(await row.locator('.verdict').textContent()).toBe(outcome);
    }
    await page.getByLabel('search').fill('hessian origin');
    expect(await shown(page)).toEqual(['landscape/origin']);
    expect(await page.locator('.controls output').textContent()).toBe(`1 of ${own.length} claims`);
    expect(await page.locator('tbody.family:visible').allTextContents()).toEqual([expect.stringMatching(/landscape/)]);
    await page.getByLabel('search').fill('');
    await page.getByLabel('verdict').selectOption('refuted as expected');
    expect(await shown(page)).toEqual(['gd/limit-sign-naive']);
    expect(await page.locator('.gallery svg:visible').count()).toBe(pictures.length);
    expect(complaints).toEqual([]);
    await close();
  });

  test('fits a phone in the dark, and a keyboard opens a claim', async () => {
    const { page, complaints, close } = await openPage(browser, file, { at: 'phone', scheme: 'dark' });
    expect(await fitsWidth(page)).toBe(true);
    const claim = page.locator('[id="law/step-variance"]');
    await claim.locator('summary').first().focus();
    await page.keyboard.press('Enter');
    expect(await claim.locator('.formula').isVisible()).toBe(true);
    expect(await fitsWidth(page)).toBe(true);
    expect(await accessFaults(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await close();
  });

  test('can be read without its script', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto(`file://${resolve(file)}`);
    expect(await page.locator('tbody.claim:visible').count()).toBe(own.length);
    expect(await page.locator('.controls').isVisible()).toBe(false);
    await context.close();
  });
});
