/** How a run shows where it is: a line with bars on a terminal, a plain line a claim elsewhere. */
import type { Verdict } from '../verdict.ts';
import type { Progress } from './run.ts';

const WIDTH = 16;

export function progressTo(
  stream: NodeJS.WriteStream,
  claims: number,
  instances: number,
  quiet = false,
): Progress & { close(): void } {
  if (quiet) return { running: () => undefined, finished: () => undefined, close: () => undefined };
  let finished = 0;
  const line = (verdict: Verdict): string =>
    `[${String(finished).padStart(String(claims).length)}/${claims}] ${verdict.id}: ${verdict.outcome}\n`;
  if (!stream.isTTY) {
    return {
      running: () => undefined,
      finished(verdict) {
        finished++;
        stream.write(line(verdict));
      },
      close: () => undefined,
    };
  }
  const clear = (): void => void stream.write('\r\u001b[K');
  return {
    running(done) {
      const bars = [...done].map(([id, n]) => `${id} ${bar(n / instances)} ${n}/${instances}`);
      clear();
      stream.write(`${finished}/${claims}  ${bars.join('  ')}`.slice(0, (stream.columns || 80) - 1));
    },
    finished(verdict) {
      finished++;
      clear();
      stream.write(line(verdict));
    },
    close: clear,
  };
}

function bar(share: number): string {
  const full = Math.round(WIDTH * Math.min(1, share));
  return '\u2588'.repeat(full) + '\u2591'.repeat(WIDTH - full);
}
