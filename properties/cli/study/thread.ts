/** The worker thread in which the command studies an optimiser, so that a call that does not come back can be ended. */
import { parentPort, workerData } from 'node:worker_threads';
import { InvalidInput } from '../../../src/index.ts';
import type { Watch } from '../../run/guard.ts';
import { inspect, type Subject } from '../../run/subject.ts';
import { agreed, load } from '../load.ts';
import { markPrints } from '../prints.ts';
import type { Line } from '../program.ts';
import { inspectRemote, remoteSolver } from '../remote.ts';
import { studySubject, type Study, type SubjectSettings } from '../../study/study.ts';

export interface Task {
  readonly path?: string;
  readonly line?: Line;
  readonly roundoff?: number;
  readonly settings: Omit<SubjectSettings, 'onProgress'>;
  /** [milliseconds since the epoch at which the call under way began, or 0]. */
  readonly calls: Int32Array;
  /** When the run began, in milliseconds of the clock. */
  readonly epoch: number;
}

export type Message =
  { readonly share: number; readonly what: string } | { readonly study: Study } | { readonly refused: string };

const task = workerData as Task;
const prints = markPrints(process.stdout, process.stderr);
const send = (message: Message): void => parentPort!.postMessage(message);

try {
  const subject = await subjectOf(watchOf(task));
  if (typeof subject === 'string') send({ refused: subject });
  else {
    const onProgress = (share: number, what: string): void => send({ share, what });
    send({ study: await studySubject(subject, { ...task.settings, onProgress }) });
  }
} catch (error) {
  if (!(error instanceof InvalidInput)) throw error;
  send({ refused: error.message });
} finally {
  prints.end();
  task.line?.port.close();
}

async function subjectOf(watch: Watch): Promise<Subject | string> {
  // Every question of a study is about distributions, so that a program may draw noise of its own.
  if (task.line !== undefined) return inspectRemote(remoteSolver(task.line), watch, task.roundoff);
  const loaded = await load(task.path, watch);
  if (typeof loaded === 'string') return loaded;
  const roundoff = agreed(task.roundoff, loaded);
  return typeof roundoff === 'string' ? roundoff : inspect(loaded.solver, watch, roundoff);
}

function watchOf({ calls, epoch }: Task): Watch {
  return {
    enter: () => Atomics.store(calls, 0, Math.max(1, Date.now() - epoch)),
    leave: () => Atomics.store(calls, 0, 0),
  };
}
