/** The module of a worker thread of the pool: the solvers that it loads print in these threads. */
import { markPrints } from './prints.ts';
import work, { type Judged, type Loaded, type Task } from './worker.ts';

const prints = markPrints(process.stdout, process.stderr);

export default async function thread(task: Task): Promise<Judged | Loaded> {
  try {
    return await work(task);
  } finally {
    prints.end();
  }
}
