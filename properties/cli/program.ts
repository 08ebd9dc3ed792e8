/**
 * A solver in any language: a program that reads a JSON request a line from its standard input and writes a JSON answer a
 * line to its standard output (docs/protocol.md). It lives on the main thread, so that it can be ended; the judging thread
 * waits for its answers.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { strayLine } from './answers.ts';
import { markedLines } from './prints.ts';

/** The data from which a judging thread can call a program. */
export interface Line {
  /** Requests and answers travel by it. */
  readonly port: MessagePort;
  /** [answers so far, which a thread can wait for; descents started so far, which number the next one]. */
  readonly counts: Int32Array;
}

/** An answer, or the sentence that says why it is missing. */
export type Answer = { readonly text: string } | { readonly fault: string };

export class Program {
  readonly #counts = new Int32Array(new SharedArrayBuffer(8));
  readonly #child: ChildProcess;
  #port: MessagePort | undefined;
  #complaint = '';
  /** Requests without an answer yet; and the sentence that says why there will be no more answers. */
  #owed = 0;
  #over: string | undefined;

  constructor(command: string) {
    // A process group of its own, so that the children of the shell end with it.
    this.#child = spawn(command, { shell: true, stdio: 'pipe', detached: true });
    this.#listen();
  }

  /** Whether it can be asked: it runs, and owes no answer to a claim that has been ended since. */
  get isReady(): boolean {
    return this.#over === undefined && this.#owed === 0;
  }

  /** A line to the program, in place of the one before. */
  connect(): Line {
    const { port1, port2 } = new MessageChannel();
    this.disconnect();
    this.#port = port1;
    port1.on('message', (request: string) => {
      this.#owed++;
      if (this.#over === undefined) this.#child.stdin!.write(`${request}\n`);
      else this.#answer({ fault: this.#over });
    });
    return { port: port2, counts: this.#counts };
  }

  disconnect(): void {
    this.#port?.close();
    this.#port = undefined;
  }

  end(): void {
    this.disconnect();
    if (this.#child.exitCode !== null || this.#child.pid === undefined) return;
    try {
      process.kill(-this.#child.pid, 'SIGKILL');
    } catch {
      // It ended by itself in the meantime.
    }
  }

  #listen(): void {
    const { stdin, stdout, stderr } = this.#child;
    // Writing to a program that has ended is reported by its end.
    stdin!.on('error', () => undefined);
    const marked = markedLines((text) => process.stderr.write(text));
    stderr!.setEncoding('utf8').on('data', (chunk: string) => {
      this.#complaint = (this.#complaint + chunk).slice(-2000);
      marked.write(chunk);
    });
    createInterface({ input: stdout! }).on('line', (text) => this.#hear(text));
    this.#child.on('close', (code, signal) => {
      marked.end();
      this.#close(code, signal);
    });
  }

  #close(code: number | null, signal: NodeJS.Signals | null): void {
    const how = signal === null ? `with exit code ${code}` : `by ${signal}`;
    const last = this.#complaint.trim().split('\n').at(-1)!;
    this.#over ??= `the program ended ${how}${last === '' ? '' : `, saying "${last}"`}`;
    if (this.#owed > 0) this.#answer({ fault: this.#over });
  }

  #hear(text: string): void {
    if (this.#owed > 0) this.#answer({ text });
    else this.#over ??= strayLine(text);
  }

  #answer(answer: Answer): void {
    this.#owed--;
    this.#port?.postMessage(answer);
    Atomics.add(this.#counts, 0, 1);
    Atomics.notify(this.#counts, 0);
  }
}

/** The programs of a run: one for each concurrent use, reused for the next claim, since starting one takes long. */
export class Programs {
  readonly #command: string;
  readonly #taken = new Set<Program>();
  readonly #idle = new Set<Program>();

  constructor(command: string) {
    this.#command = command;
  }

  take(): Program {
    const program = [...this.#idle].find(({ isReady }) => isReady) ?? new Program(this.#command);
    this.#idle.delete(program);
    this.#taken.add(program);
    return program;
  }

  giveBack(program: Program): void {
    this.#taken.delete(program);
    program.disconnect();
    if (program.isReady) this.#idle.add(program);
    else program.end();
  }

  end(): void {
    for (const program of [...this.#taken, ...this.#idle]) program.end();
  }
}
