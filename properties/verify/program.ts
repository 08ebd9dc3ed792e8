/**
 * A solver in any language: a program that reads a JSON request a line from its standard input and writes a JSON answer a
 * line to its standard output (docs/protocol.md). It lives on the main thread, so that it can be ended; the judging thread
 * waits for its answers.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { MessageChannel, type MessagePort } from 'node:worker_threads';

/** What a judging thread needs to ask a program: requests and answers travel by the port, the bell says that one is there. */
export interface Line {
  readonly port: MessagePort;
  readonly bell: Int32Array;
}

/** An answer, or the sentence that says why there is none. */
export type Answer = { readonly text: string } | { readonly fault: string };

export class Program {
  readonly line: Line;
  readonly #port: MessagePort;
  readonly #child: ChildProcess;
  #complaint = '';
  #ended: string | undefined;

  constructor(command: string) {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.line = { port: port2, bell: new Int32Array(new SharedArrayBuffer(4)) };
    // A group of its own, so that what the shell starts ends with it.
    this.#child = spawn(command, { shell: true, stdio: 'pipe', detached: true });
    this.#listen();
  }

  end(): void {
    this.#port.close();
    if (this.#ended !== undefined || this.#child.pid === undefined) return;
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
    stderr!.on('data', (chunk: Buffer) => {
      this.#complaint = (this.#complaint + chunk.toString()).slice(-2000);
    });
    createInterface({ input: stdout! }).on('line', (text) => this.#answer({ text }));
    this.#child.on('close', (code, signal) => this.#close(code, signal));
    this.#port.on('message', (request: string) => {
      if (this.#ended === undefined) stdin!.write(`${request}\n`);
      else this.#answer({ fault: this.#ended });
    });
  }

  #close(code: number | null, signal: NodeJS.Signals | null): void {
    const how = signal === null ? `with exit code ${code}` : `by ${signal}`;
    const last = this.#complaint.trim().split('\n').at(-1)!;
    this.#ended = `the program ended ${how}${last === '' ? '' : `, saying "${last}"`}`;
    this.#answer({ fault: this.#ended });
  }

  #answer(answer: Answer): void {
    this.#port.postMessage(answer);
    Atomics.add(this.line.bell, 0, 1);
    Atomics.notify(this.line.bell, 0);
  }
}
