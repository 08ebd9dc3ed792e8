/**
 * A target for the workers: its entries are in shared memory, because a copy for each claim would cost more than the
 * claim.
 */
import type { Given, GivenDimension } from '../model/draft.ts';

/** The data of a worker; `run` numbers the runs of a process, each of which has one target. */
export interface SharedTarget extends Omit<Given, 'target'> {
  readonly run: number;
  readonly rows: number;
  readonly columns: number;
  readonly entries: SharedArrayBuffer;
}

let runs = 0;

export function share({ target, ...rest }: Given): SharedTarget {
  const [rows, columns] = [target.length, target[0]!.length];
  const entries = new SharedArrayBuffer(8 * rows * columns);
  const into = new Float64Array(entries);
  target.forEach((row, i) => into.set(row, i * columns));
  return { ...rest, run: ++runs, rows, columns, entries };
}

/** The target that this worker unpacked last. */
let last: { readonly run: number; readonly given: Given } | undefined;

export function givenIn(task: SharedTarget | GivenDimension | undefined): Given | GivenDimension | undefined {
  if (task === undefined || 'dimension' in task) return task;
  if (last?.run !== task.run) last = { run: task.run, given: unpacked(task) };
  return last.given;
}

function unpacked({ run: _, rows, columns, entries, ...rest }: SharedTarget): Given {
  const from = new Float64Array(entries);
  const target = Array.from({ length: rows }, (_row, i) => [...from.subarray(i * columns, (i + 1) * columns)]);
  return { ...rest, target };
}
