/** The explorer in a browser, from disk and from the server. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accessFaults, fitsWidth, hasBrowser, inBrowser, launchBrowser, openPage, type Look } from './browser.ts';
import { FOLDER } from '../cli/counterexamples.ts';
import { BadUsage } from '../cli/usage.ts';
import { readCounterexample } from '../explorer/counterexample.ts';
import { brief, matrixText } from '../explorer/matrix-text.ts';
import { presets } from '../explorer/presets.ts';
import { nameOf } from '../explorer/scene.ts';
import { readPort, serveExplorer } from '../explorer/serve.ts';
import { Simulation } from '../explorer/simulation.ts';
import { fromHash, MOST_PACE, type State } from '../explorer/state.ts';

/** The served page, and the same in a file. */
let server: Awaited<ReturnType<typeof serveExplorer>>;
let served: string;
const folder = mkdtempSync(join(tmpdir(), 'flat-minima-explorer-'));
const file = join(folder, 'index.html');

beforeAll(async () => {
  server = await serveExplorer(0);
  served = await (await fetch(server.url)).text();
  writeFileSync(file, served);
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

describe('npm run explore', () => {
  test('serves the page to this machine, and nothing else', async () => {
    const { url } = server;
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    expect(served).toMatch(/<title>flat-minima explorer<\/title>/);
    // Nothing is fetched, so that it works from disk.
    expect(served).not.toMatch(/<(script|link|img)[^>]*(src|href)="(?!data:)/);
    expect((await fetch(`${url}package.json`)).status).toBe(404);
    await expect(serveExplorer(Number(new URL(url).port))).rejects.toThrow(/^--port \d+ cannot be listened on: give/);
  });

  test('reads its options', () => {
    expect([readPort([]), readPort(['--port', '0']), readPort(['--help'])]).toEqual([undefined, 0, 'help']);
    for (const port of ['x', '-1', '65536', '1.5']) expect(() => readPort([`--port=${port}`])).toThrow(BadUsage);
    expect(() => readPort(['--open'])).toThrow(/see npm run explore -- --help$/);
  });
});

describe.runIf(hasBrowser)(inBrowser('the explorer'), () => {
  let browser: Browser;
  let page: Page;
  const complaints: string[] = [];

  beforeAll(async () => {
    browser = await launchBrowser();
    page = await visit();
  });
  afterAll(() => browser.close());

  /** Another page; the complaints of all pages are checked at the end. */
  async function visit(hash = '', look: Look = {}): Promise<Page> {
    const opened = await openPage(browser, `${file}${hash}`, look);
    opened.page.on('close', () => complaints.push(...opened.complaints));
    return opened.page;
  }

  const text = (id: string): Promise<string> =>
    page
      .locator(`#${id}`)
      .textContent()
      .then((found) => found ?? '');
  const standsStill = (on = page): Promise<unknown> =>
    on.waitForFunction(() => document.querySelector('#run')?.textContent !== 'Pause');
  const stateOnScreen = (): State => fromHash(new URL(page.url()).hash.slice(1));

  /** As fast as the page can, to the end. */
  async function runThrough(on = page): Promise<void> {
    await on.locator('#pace').fill(String(Math.log2(MOST_PACE)));
    await on.locator('#run').click();
    await standsStill(on);
  }

  /** The page agrees with a run here: the iterates to the last bit, the rest to the digits that it shows. */
  async function agrees(): Promise<void> {
    const state = stateOnScreen();
    const simulation = new Simulation(state);
    simulation.advance(state.at);
    const iterates = simulation.runs.map((run) => {
      const [X, Y] = [run.at.X, run.at.Y].map((A) => matrixText(A.to2DArray()));
      return `${nameOf(run, simulation)}, after step ${run.now.step}\nX =\n${X!}\nY =\n${Y!}`;
    });
    expect(await page.locator('#iterates pre').allTextContents()).toEqual(iterates);
    const cells = await page.locator('#numbers tbody tr td:nth-of-type(1)').allTextContents();
    expect(cells.map((cell) => cell.split('average')[0])).toEqual(simulation.runs.map(({ now }) => brief(now.loss)));
  }

  test.each(presets)('$claim runs, and its numbers are those of a run in Node', async ({ claim, watch }) => {
    await page.locator(`#presets [data-claim="${claim}"]`).click();
    await page.waitForFunction(() => /^step [1-9]\d/.test(document.querySelector('#count')?.textContent ?? ''));
    await page.locator('#run').click();
    expect(await text('run')).toMatch(/^Run/);
    expect(await text('story')).toContain(`Watch: ${watch}`);
    expect(stateOnScreen().claim).toBe(claim);
    await agrees();
  });

  test('a link opens the state on screen, or a claim, or shows what is wrong with it', async () => {
    await page.locator('#presets [data-claim="flatness/flatter-than-gd"]').click();
    await page.locator('#run').click();
    for (let i = 0; i < 3; i++) await page.locator('#step').click();
    await page.locator('#smoothed').check();
    await page.locator('#measure').selectOption('trace');
    await page.locator('#link').click();
    const [hash, iterates, numbers] = [new URL(page.url()).hash, await text('iterates'), await text('numbers')];
    const other = await visit(hash);
    await standsStill(other);
    expect(new URL(other.url()).hash).toBe(hash);
    expect(await other.locator('#iterates').textContent()).toBe(iterates);
    expect(await other.locator('#numbers').textContent()).toBe(numbers);
    expect(await other.locator('#smoothed').isChecked()).toBe(true);
    expect(await other.locator('#measure').inputValue()).toBe('trace');
    await other.evaluate(() => (location.hash = 'limit/closed-form'));
    await other.locator('[data-claim="limit/closed-form"][aria-pressed=true]').waitFor();
    await other.evaluate(() => (location.hash = 'M=1'));
    await other.locator('#message.alarm').waitFor();
    expect(await other.locator('#message').textContent()).toBe('The link has no value for X0: copy the whole link.');
    await other.close();
  });

  test('a counterexample is loaded from its file, and by dropping it', async () => {
    const names = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((each) => each.endsWith('.json'));
    const longest = names.find((each) => each.startsWith('balance/emerges'))!;
    const content = readFileSync(join(FOLDER, longest), 'utf8');
    const state = readCounterexample(longest, content);
    await page.locator('#file').setInputFiles(join(FOLDER, longest));
    await page.locator('#story', { hasText: `A counterexample to balance/emerges, met with ${state.met!}` }).waitFor();
    await runThrough();
    expect(stateOnScreen().instance).toEqual(state.instance);
    await agrees();
    await page.evaluate(() => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File(['{}'], 'dropped.json'));
      dispatchEvent(new DragEvent('drop', { dataTransfer }));
    });
    await page.locator('#message.alarm').waitFor();
    expect(await text('message')).toMatch(/^Dropped\.json is not a counterexample of flat-minima: give a file of /);
  });

  test('a mistake is shown in one sentence next to its field, and can be corrected', async () => {
    await page.locator('#presets [data-claim="balance/emerges"]').click();
    await page.locator('#M').fill('1 x');
    expect(await text('message')).toBe('M, row 1, column 2, is "x": give a number such as 2, 0.5 or 1/64.');
    expect(await page.locator('#M').getAttribute('aria-invalid')).toBe('true');
    await page.locator('#M').fill('2');
    expect(await text('message')).toBe('');
    expect(await page.locator('#M').getAttribute('aria-invalid')).toBeNull();
    expect(stateOnScreen().claim).toBeUndefined();
    await page.locator('#eta').fill('2');
    await runThrough();
    expect(await text('message')).toMatch(
      /^The descent diverged at step \d+ with stepSize 2: choose a smaller step size/,
    );
  });

  test('a tap adds a start and runs; a problem is drawn at random', async () => {
    await page.locator('#presets [data-claim="balance/emerges"]').click();
    await page.locator('#landscape').click({ position: { x: 40, y: 60 } });
    await page.locator('#run').click();
    expect(stateOnScreen().others).toHaveLength(1);
    await page.locator('[data-remove="1"]').click();
    expect(stateOnScreen().others).toHaveLength(0);
    await page.locator('#draw').click();
    const { M, X0 } = stateOnScreen().instance;
    expect([M.length, M[0]!.length, X0[0]!.length]).toEqual([5, 5, 2]);
    await page.locator('#step').click();
    await agrees();
  });

  test('it can be read on a phone, in the dark, and without motion', async () => {
    const look = { at: 'phone', scheme: 'dark', still: true } as const;
    const phone = await visit('#balance/emerges', look);
    await phone.locator('#run').click();
    await standsStill(phone);
    expect(await fitsWidth(phone)).toBe(true);
    await phone.locator('#M').fill('x');
    expect(await accessFaults(phone)).toEqual([]);
    await phone.close();
  });

  test('nothing was complained of', async () => {
    await page.close();
    expect(complaints).toEqual([]);
  });
});
