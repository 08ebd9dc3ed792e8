/** The progress display of a long command, on a stream and a clock of our own. */
import { describe, expect, test } from 'vitest';
import type { Refutation } from '../model/verdict.ts';
import { meterOn, remaining, type Meter } from '../cli/meter.ts';
import { costsIn, progressOn } from '../cli/progress.ts';

interface Shown {
  readonly meter: Meter;
  readonly written: string[];
  /** Lets this number of milliseconds pass. */
  readonly pass: (milliseconds: number) => void;
}

function shown(isTTY: boolean, options: { quiet?: boolean; env?: NodeJS.ProcessEnv } = {}): Shown {
  const written: string[] = [];
  let time = 0;
  const write = (text: string): boolean => written.push(text) > 0;
  const meter = meterOn({ isTTY, columns: 40, write }, { env: {}, now: () => time, ...options });
  return { meter, written, pass: (milliseconds) => (time += milliseconds) };
}

const CLEAR = '\r\u001b[K';

describe('a meter', () => {
  test('on a terminal is one line that is redrawn, cut to its width, and gone at the end', () => {
    const { meter, written, pass } = shown(true);
    meter.at(0, 'first');
    meter.at(0.01, 'too soon to draw again');
    pass(10_000);
    meter.at(0.25, 'a/claim 1/100  another/claim 2/100');
    meter.line('a line that only a log keeps');
    meter.line('bad news', true);
    meter.close();
    expect(written).toEqual([
      CLEAR,
      `${'\u2591'.repeat(16)}  first`,
      CLEAR,
      `${'\u2588'.repeat(4)}${'\u2591'.repeat(12)}  about 30 s left  a/cl`,
      CLEAR,
      'bad news\n',
      CLEAR,
    ]);
  });

  test.each([
    ['elsewhere', shown(false)],
    ['on a terminal of CI', shown(true, { env: { CI: 'true' } })],
    ['on a terminal that cannot go back', shown(true, { env: { TERM: 'dumb' } })],
  ])('%s writes plain lines, and now and then that it goes on', (_, { meter, written, pass }) => {
    meter.at(0.1, 'too soon to say');
    meter.line('one');
    pass(90_000);
    meter.at(0.5, 'a/claim 1/100');
    meter.at(0.5, 'said just now');
    meter.line('two', true);
    meter.close();
    expect(written).toEqual(['one\n', '50 % done, about 2 min left, a/claim 1/100\n', 'two\n']);
    expect(written.join('')).not.toContain('\r');
  });

  test('that is quiet writes nothing', () => {
    const { meter, written, pass } = shown(true, { quiet: true });
    pass(90_000);
    meter.at(0.5, 'x');
    meter.line('y', true);
    meter.close();
    expect(written).toEqual([]);
  });

  test.each([
    [0.5, 1000, ''],
    [0.01, 60_000, ''],
    [0.9, 9000, 'a few seconds left'],
    [1.1, 9000, 'a few seconds left'],
    [0.5, 42_000, 'about 40 s left'],
    [0.25, 100_000, 'about 5 min left'],
    [0.1, 3_600_000, 'about 9.0 h left'],
  ])('with a share of %d after %d ms says "%s"', (share, elapsed, text) => {
    expect(remaining(share, elapsed)).toBe(text);
  });
});

describe('the progress of a run', () => {
  const verdict = { outcome: 'holds', instances: 10, milliseconds: 1 } as const;

  test('weighs claims by their earlier cost, and counts the finished part of those under way', () => {
    const shares: [number, string][] = [];
    const meter = {
      at: (...args: [number, string]) => shares.push(args),
      line: () => undefined,
      close: () => undefined,
    };
    const costs = new Map([['a/dear', 60], ['a/cheap', 20]]); // prettier-ignore
    const progress = progressOn(meter, { claims: ['a/dear', 'a/cheap', 'a/new'], instances: 10, costs });
    progress.running(new Map([['a/dear', 5]]));
    progress.finished({ id: 'a/dear', ...verdict });
    progress.running(new Map([['a/new', 0]]));
    expect(shares).toEqual([
      [30 / 120, '0/3  a/dear 5/10'],
      [60 / 120, '1/3  a/new 0/10'],
    ]);
  });

  test('of one of several runs is that part of the whole', () => {
    const { meter, written, pass } = shown(false);
    const part = { name: 'momentum ', before: 1, of: 4 };
    const progress = progressOn(meter, { claims: ['a/one', 'a/two'], instances: 10, part });
    progress.finished({ id: 'a/one', ...verdict });
    pass(60_000);
    progress.running(new Map([['a/two', 5]]));
    expect(written).toEqual([
      '[1/2] momentum a/one: holds\n',
      '43 % done, about 75 s left, momentum 1/2  a/two 5/10\n',
    ]);
  });

  test('prints a refutation once, as soon as it is known; one that is expected is no news', () => {
    const { meter, written } = shown(false);
    const progress = progressOn(meter, { claims: ['definition/step'], instances: 10 });
    const refutation = {} as Refutation;
    for (const id of ['definition/step', 'definition/step', 'limit/ends-at-target']) progress.refuted!(id, refutation);
    expect(written).toEqual(['[0/1] definition/step: refuted; searching for a smaller counterexample\n']);
  });

  test('knows no costs without evidence', () => {
    expect(costsIn('no/such/file.json').size).toBe(0);
  });
});
