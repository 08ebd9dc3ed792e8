/** Prints the output of a solver to standard error, each line marked, so that it does not mix with our tables. */
import { isatty } from 'node:tty';

const MARK = '[solver] ';

/** The meter may have a line of a terminal: the marked line takes its place. */
const CLEAR = isatty(2) ? '\r\u001b[K' : '';

export interface Lines {
  write(text: string): void;
  /** Writes the last line if it has no line break. */
  end(): void;
}

/** Hands on whole lines, marked. */
export function markedLines(write: (text: string) => void): Lines {
  let rest = '';
  const mark = (line: string): void => write(`${CLEAR}${MARK}${line}\n`);
  return {
    write(text) {
      const lines = (rest + text).split('\n');
      rest = lines.pop()!;
      lines.forEach(mark);
    },
    end() {
      if (rest !== '') mark(rest);
      rest = '';
    },
  };
}

type Stream = Pick<NodeJS.WriteStream, 'write'>;

/** From now on all that this thread writes to either stream is written to `error`, marked. */
export function markPrints(output: Stream, error: Stream): Lines {
  const original = error.write.bind(error);
  const lines = markedLines((text) => void original(text));
  const write = (chunk: string | Uint8Array, ...rest: readonly unknown[]): boolean => {
    lines.write(typeof chunk === 'string' ? chunk : new TextDecoder().decode(chunk));
    const done = rest.find((each) => typeof each === 'function') as (() => void) | undefined;
    return original('', done);
  };
  output.write = write;
  error.write = write;
  return lines;
}
