/** The progress of a long command: its current work, the share that is done, and the remaining time. */

/** The stream of a meter: a terminal or a file. */
interface Output {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export interface Meter {
  /** The claims under way, and the completed share of the run. */
  at(share: number, what: string): void;
  /** Prints a line that stays; on a terminal, which shows the meter, only if it `matters`. */
  line(text: string, matters?: boolean): void;
  /** Leaves no trace of the meter. */
  close(): void;
}

interface Circumstances {
  readonly quiet?: boolean;
  readonly env?: NodeJS.ProcessEnv;
  /** Milliseconds. */
  readonly now?: () => number;
}

/** Shows nothing. */
export const SILENT: Meter = { at: () => undefined, line: () => undefined, close: () => undefined };

/**
 * One line that is redrawn on a terminal; separate lines elsewhere and in CI, which stores all output; nothing if
 * quiet.
 */
export function meterOn(stream: Output, { quiet = false, env = process.env, now = Date.now }: Circumstances): Meter {
  if (quiet) return SILENT;
  const live = stream.isTTY === true && (env['CI'] ?? '') === '' && env['TERM'] !== 'dumb';
  return live ? liveMeter(stream, now) : plainMeter(stream, now);
}

const REDRAW_MILLISECONDS = 100;

function liveMeter(stream: Output, now: () => number): Meter {
  const began = now();
  let drawn = -Infinity;
  const clear = (): void => void stream.write('\r\u001b[K');
  return {
    at(share, what) {
      if (now() - drawn < REDRAW_MILLISECONDS) return;
      drawn = now();
      clear();
      const text = [bar(share), remaining(share, now() - began), what].filter((part) => part !== '').join('  ');
      stream.write(text.slice(0, Math.max(20, stream.columns ?? 80) - 1));
    },
    line(text, matters = false) {
      if (!matters) return;
      clear();
      stream.write(`${text}\n`);
    },
    close: clear,
  };
}

/** Interval between progress lines in a log. */
const STILL_ALIVE_MILLISECONDS = 60_000;

function plainMeter(stream: Output, now: () => number): Meter {
  const began = now();
  let written = began;
  const write = (text: string): void => {
    written = now();
    stream.write(`${text}\n`);
  };
  return {
    at(share, what) {
      if (now() - written < STILL_ALIVE_MILLISECONDS) return;
      const left = remaining(share, now() - began);
      write([`${Math.floor(100 * share)} % done`, ...(left === '' ? [] : [left]), what].join(', '));
    },
    line: write,
    close: () => undefined,
  };
}

const WIDTH = 16;

function bar(share: number): string {
  const full = Math.floor(WIDTH * Math.min(1, share));
  return '\u2588'.repeat(full) + '\u2591'.repeat(WIDTH - full);
}

/** Before that the rate says nothing. */
const LEAST = { share: 0.02, milliseconds: 1500 };

/** The remaining time at the rate so far, in units as precise as the estimate. */
export function remaining(share: number, elapsed: number): string {
  if (share < LEAST.share || elapsed < LEAST.milliseconds) return '';
  const seconds = (elapsed * Math.max(0, 1 - share)) / share / 1000;
  if (seconds < 7.5) return 'a few seconds left';
  if (seconds < 90) return `about ${5 * Math.round(seconds / 5)} s left`;
  if (seconds < 5400) return `about ${Math.round(seconds / 60)} min left`;
  return `about ${(seconds / 3600).toFixed(1)} h left`;
}
