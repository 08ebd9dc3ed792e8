import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Browser } from 'playwright-core';
import { accessFaults, findBrowser, fitsWidth, hasBrowser, inBrowser, launchBrowser, openPage } from './browser.ts';

describe('where the browser is', () => {
  test('CHROMIUM comes first, and one that cannot be run is no browser', () => {
    expect(findBrowser({ CHROMIUM: process.execPath, PATH: '' })).toEqual({ path: process.execPath });
    expect(findBrowser({ CHROMIUM: '/none', PATH: process.env['PATH'] })).toMatch(/^CHROMIUM is \/none, which/);
  });

  test('without one, a message says what to do', () => {
    expect(findBrowser({ PATH: '' })).toMatch(
      /^no Chromium on PATH: apt-get install chromium-headless-shell, or set CHROMIUM$/,
    );
  });
});

describe.runIf(hasBrowser)(inBrowser('a page from disk'), () => {
  const folder = mkdtempSync(join(tmpdir(), 'flat-minima-browser-'));
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true });
  });

  test('its complaints are collected, and its width and scheme are the requested ones', async () => {
    const file = join(folder, 'a page.html');
    writeFileSync(
      file,
      `<!doctype html><title>t</title><p style="width: 600px">wide</p><script>
        console.error('on the console');
        document.title = location.hash + matchMedia('(prefers-color-scheme: dark)').matches + innerWidth;
        throw new Error('uncaught');
      </script><img src="missing.png" alt="">`,
    );
    const { page, complaints, close } = await openPage(browser, `${file}#x`, { at: 'phone', scheme: 'dark' });
    expect(await page.title()).toBe('#xtrue390');
    expect(await fitsWidth(page)).toBe(false);
    expect(complaints).toEqual(
      expect.arrayContaining([
        'on the console',
        'Error: uncaught',
        expect.stringMatching(/missing\.png was not loaded$/),
      ]),
    );
    expect(await accessFaults(page)).toContain('<html> element must have a lang attribute: <html>');
    await close();
  });
});
