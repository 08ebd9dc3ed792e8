/**
 * A real browser for the pages of this project: Debian's Chromium, driven by playwright-core. It is found by the variable
 * CHROMIUM, or on PATH; without one, tests say so in their titles and are skipped.
 */
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AxeResults } from 'axe-core';
import type { Browser, Page } from 'playwright-core';

// The shell is Chromium without its user interface: it starts faster, and takes two thirds of the time.
const NAMES = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** The program, or the sentence that says why it is missing. */
export function findBrowser(env: NodeJS.ProcessEnv = process.env): { path: string } | string {
  const asked = env['CHROMIUM'];
  if (asked !== undefined) {
    return executable(asked) ? { path: asked } : `CHROMIUM is ${asked}, which cannot be run`;
  }
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const path = folders.flatMap((folder) => NAMES.map((name) => join(folder, name))).find(executable);
  return path === undefined
    ? 'no Chromium on PATH: apt-get install chromium-headless-shell, or set CHROMIUM'
    : { path };
}

function executable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

const found = findBrowser();

/** Whether there is a browser: for `describe.runIf(hasBrowser)`. */
export const hasBrowser = typeof found !== 'string';

/** The title of tests in the browser, with the reason if they cannot run. */
export const inBrowser = (title: string): string =>
  typeof found === 'string' ? `${title} (not run: ${found})` : title;

/** Starts the browser, without a window; some seconds on a busy machine. `close()` ends it. */
export async function launchBrowser(): Promise<Browser> {
  if (typeof found === 'string') throw new Error(found);
  const { chromium } = await import('playwright-core');
  return chromium.launch({ executablePath: found.path, args: ['--font-render-hinting=none'] });
}

/** Widths in CSS pixels of a phone held upright and of a desktop window, with heights to match. */
export const VIEWPORTS = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 900 } } as const;

export interface Look {
  /** Default: desktop. */
  readonly at?: keyof typeof VIEWPORTS;
  /** Default: light. */
  readonly scheme?: 'light' | 'dark';
  /** Whether the system asks for less motion. */
  readonly still?: boolean;
}

export interface OpenPage {
  readonly page: Page;
  /** The complaints of the page so far: errors on the console, uncaught ones, requests that failed. */
  readonly complaints: readonly string[];
  /** Ends the page with all its storage. */
  readonly close: () => Promise<void>;
}

/** Opens a file or a URL, loaded to the end. The part of a file's name after # is a fragment for the page. */
export async function openPage(browser: Browser, address: string, look: Look = {}): Promise<OpenPage> {
  const context = await browser.newContext({
    viewport: VIEWPORTS[look.at ?? 'desktop'],
    colorScheme: look.scheme ?? 'light',
    reducedMotion: look.still === true ? 'reduce' : 'no-preference',
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('requestfailed', (request) => complaints.push(`${request.url()} was not loaded`));
  await page.goto(urlOf(address), { waitUntil: 'load' });
  return { page, complaints, close: () => context.close() };
}

function urlOf(address: string): string {
  if (/^[a-z]+:\/\//.test(address)) return address;
  const [path, hash] = address.split(/(?=#)/, 2);
  return `${pathToFileURL(resolve(path!)).href}${hash ?? ''}`;
}

/** Whether all of the page fits its width, which a phone's reader expects. */
export const fitsWidth = (page: Page): Promise<boolean> =>
  page.evaluate<boolean>('document.documentElement.scrollWidth <= document.documentElement.clientWidth');

/** The violations of axe's accessibility rules. */
export async function accessFaults(page: Page): Promise<string[]> {
  const { default: axe } = await import('axe-core');
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<AxeResults>("axe.run({ resultTypes: ['violations'] })");
  return violations.map(({ help, nodes }) => `${help}: ${nodes.map(({ html }) => html).join(', ')}`);
}
