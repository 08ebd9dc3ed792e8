/** Studies an optimiser of the command line in a worker thread. */
import { Worker } from 'node:worker_threads';
import { INSTALLED } from '../../model/place.ts';
import { Program } from '../program.ts';
import { BadUsage } from '../usage.ts';
import type { Optimiser, StudyOptions } from './options.ts';
import type { Study, StudySettings } from '../../study/study.ts';
import type { Message, Task } from './thread.ts';

const POLL_MILLISECONDS = 100;

/** Throws `BadUsage` if the optimiser cannot be studied: it does not load, it throws, or a call does not return. */
export async function run(
  { name, path, command }: Optimiser,
  options: StudyOptions,
  onProgress: NonNullable<StudySettings['onProgress']>,
): Promise<Study> {
  const { roundoff, target, minutes, units, seed, step, claims } = options;
  const program = command === undefined ? undefined : new Program(command);
  const line = program?.connect();
  const calls = new Int32Array(new SharedArrayBuffer(4));
  const epoch = Date.now();
  const settings = {
    ...{ name, minutes, seed, step, claims },
    ...(units === undefined ? {} : { units }),
    ...(target === undefined ? {} : { target: target.given }),
  };
  const task: Task = {
    ...(path === undefined ? {} : { path }),
    ...(line === undefined ? {} : { line }),
    ...(roundoff === undefined ? {} : { roundoff }),
    ...{ settings, calls, epoch },
  };
  const worker = new Worker(new URL(INSTALLED ? './thread.js' : './thread.ts', import.meta.url), {
    workerData: task,
    transferList: line === undefined ? [] : [line.port],
  });
  try {
    return await answer(worker, onProgress, () => {
      const began = Atomics.load(calls, 0);
      return began > 0 && Date.now() - epoch - began > 1000 * options.timeout
        ? `a call into ${name} took longer than ${options.timeout} s: make it faster or raise --timeout`
        : undefined;
    });
  } finally {
    program?.end();
    await worker.terminate();
  }
}

/** The last message of the worker. `complaint` gives the reason for ending it before that. */
async function answer(
  worker: Worker,
  onProgress: NonNullable<StudySettings['onProgress']>,
  complaint: () => string | undefined,
): Promise<Study> {
  let poll: NodeJS.Timeout | undefined;
  try {
    return await new Promise<Study>((resolve, reject) => {
      poll = setInterval(() => {
        const why = complaint();
        if (why !== undefined) reject(new BadUsage(why));
      }, POLL_MILLISECONDS);
      worker.on('message', (message: Message) => {
        if ('study' in message) resolve(message.study);
        else if ('refused' in message) reject(new BadUsage(message.refused));
        else onProgress(message.share, message.what);
      });
      worker.on('error', reject);
      worker.on('exit', () =>
        reject(new BadUsage('the optimiser ended the process that ran it: let it throw instead')),
      );
    });
  } finally {
    clearInterval(poll);
  }
}
