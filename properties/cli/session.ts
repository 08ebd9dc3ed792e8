/**
 * The requests of a judging thread to a program. They wait until an answer is needed; then they are sent together if
 * the program takes batches, otherwise one after the other.
 */
import { ProtocolError } from '../run/guard.ts';
import { receiveMessageOnPort } from 'node:worker_threads';
import { readAnswer, readBatch, type Iterate } from './answers.ts';
import type { Answer, Line } from './program.ts';

/** A request of docs/protocol.md. */
export type Request = { readonly descent: number } & (
  | {
      readonly target: number[][];
      readonly X: number[][];
      readonly Y: number[][];
      readonly stepSize: number;
      readonly noise: { readonly sigma1: number; readonly sigma2: number } | null;
    }
  | { readonly advance: number; readonly normals?: number[] }
);

interface Waiting {
  readonly request: Request;
  readonly settle: (answer: Iterate) => void;
}

/** The largest batch: a line of some megabytes, and fewer requests than the descents that a program has to store. */
export const MOST = { requests: 512, normals: 2 ** 16 };

export class Session {
  readonly #line: Line;
  /** Requests that wait; no descent has two of them in one round, so that the order within a round does not matter. */
  #rounds: Waiting[][] = [];
  /** The number of waiting requests of a descent. */
  #waiting = new Map<number, number>();
  #requests = 0;
  #normals = 0;
  /** The defect of an answer: the iterates of its descents are unknown. */
  #broken: Error | undefined;
  /** Known from the first answer on. */
  #takesBatches: boolean | undefined;

  constructor(line: Line) {
    this.#line = line;
  }

  /** The number of a new descent. */
  number(): number {
    return Atomics.add(this.#line.counts, 1, 1);
  }

  /** Sends the request now or later; its answer is settled by the end of the next `flush`. */
  send(request: Request, settle: (answer: Iterate) => void): void {
    const normals = 'advance' in request ? (request.normals?.length ?? 0) : 0;
    if (this.#normals + normals > MOST.normals) this.flush();
    const round = this.#waiting.get(request.descent) ?? 0;
    (this.#rounds[round] ??= []).push({ request, settle });
    this.#waiting.set(request.descent, round + 1);
    this.#requests++;
    this.#normals += normals;
    if (this.#requests === MOST.requests || this.#takesBatches === undefined) this.flush();
  }

  /**
   * Gets the answers to all requests that wait. Throws if the program violates the protocol, and on every later call.
   */
  flush(): void {
    if (this.#broken !== undefined) throw this.#broken;
    if (this.#requests === 0) return;
    const rounds = this.#rounds;
    this.#rounds = [];
    this.#waiting.clear();
    [this.#requests, this.#normals] = [0, 0];
    try {
      rounds.forEach((round) => this.#ask(round));
    } catch (error) {
      this.#broken = error as Error;
      throw error;
    }
  }

  #ask(round: readonly Waiting[]): void {
    if (this.#takesBatches === true && round.length > 1) this.#askTogether(round);
    else for (const each of round) this.#askAlone(each);
  }

  #askAlone({ request, settle }: Waiting): void {
    const { iterate, batch } = readAnswer(ask(this.#line, request));
    this.#takesBatches ??= batch;
    settle(iterate);
  }

  #askTogether(round: readonly Waiting[]): void {
    const text = ask(this.#line, { batch: round.map(({ request }) => request) });
    for (const [i, answer] of readBatch(text, round.length).entries()) round[i]!.settle(answer);
  }
}

/** Sends a line, and waits for the line that answers it. */
function ask({ port, counts }: Line, request: object): string {
  const heard = Atomics.load(counts, 0);
  port.postMessage(JSON.stringify(request));
  let envelope = receiveMessageOnPort(port);
  for (let count = heard; envelope === undefined; count = Atomics.load(counts, 0)) {
    Atomics.wait(counts, 0, count);
    envelope = receiveMessageOnPort(port);
  }
  const answer = envelope.message as Answer;
  if ('fault' in answer) throw new ProtocolError(answer.fault);
  return answer.text;
}
