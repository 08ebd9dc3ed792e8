/** The programs of a run, which are reused from claim to claim. */
import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { Programs, type Answer, type Line } from '../cli/program.ts';

let programs: Programs | undefined;
afterEach(() => programs?.end());

async function ask({ port }: Line, request: object): Promise<Answer> {
  const answer = once(port, 'message') as Promise<[Answer]>;
  port.postMessage(JSON.stringify(request));
  return (await answer)[0];
}

const START = { descent: 0, target: [[1]], X: [[1]], Y: [[1]], stepSize: 0.5, noise: null };

test('one that has answered is reused, with its descents; one that owes an answer or has ended is not', async () => {
  programs = new Programs('node fixtures/programs/solver.mjs');
  const first = programs.take();
  await ask(first.connect(), START);
  programs.giveBack(first);
  const again = programs.take();
  expect(again).toBe(first);
  const line = again.connect();
  expect(await ask(line, { descent: 0, advance: 1, normals: [] })).toEqual({ text: '{"X":[[1]],"Y":[[1]]}' });
  // The claim is ended while the program is still at work.
  line.port.postMessage(JSON.stringify({ descent: 0, advance: 1e9, normals: [] }));
  while (again.isReady) await setImmediate();
  programs.giveBack(again);
  const other = programs.take();
  expect(other).not.toBe(first);
  programs.giveBack(other);
});

test('numbers of descents go on from one line to the next', () => {
  programs = new Programs('node fixtures/programs/solver.mjs');
  const program = programs.take();
  Atomics.add(program.connect().counts, 1, 7);
  expect(Atomics.load(program.connect().counts, 1)).toBe(7);
});
