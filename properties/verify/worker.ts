/** What runs in a worker of the pool: loading the solver, and judging one claim. */
import { pathToFileURL } from 'node:url';
import { perturbedGradientDescent, type Solver } from '../../src/index.ts';
import type { Given } from '../design.ts';
import type { Watch } from '../guard.ts';
import { inspect, judge, type ShrinkBudget, type Verdict } from '../judge.ts';
import { claimOf } from '../registry.ts';

export interface Task {
  /** Absent: only load and inspect the solver. */
  readonly claim?: string;
  readonly solver?: string;
  readonly seed: number;
  readonly instances: number;
  readonly only?: string;
  readonly shrink: boolean;
  readonly given?: Given;
  /** When the run began, in milliseconds of the clock. */
  readonly epoch: number;
  /** [milliseconds since the epoch at which the call under way began, or 0; instances done]. */
  readonly progress: Int32Array;
  /** [milliseconds left for shrinking in the whole run]. */
  readonly budget: Int32Array;
}

export type Loaded = { readonly ownNoise: boolean } | { readonly cannotLoad: string };

export default async function work(task: Task): Promise<Verdict | Loaded> {
  const watch = watchOf(task);
  const loaded = await load(task.solver, watch);
  if (typeof loaded === 'string') return { cannotLoad: loaded };
  if (task.claim === undefined) return { ownNoise: inspect(loaded, watch).ownNoise };
  const claim = claimOf(task.claim)!;
  return judge(claim, inspect(loaded, watch), {
    seed: task.seed,
    instances: task.instances,
    only: task.only,
    shrink: task.shrink,
    given: task.given,
    budget: budgetOf(task.budget),
    watch,
    onInstance: () => Atomics.add(task.progress, 1, 1),
  });
}

async function load(file: string | undefined, watch: Watch): Promise<Solver | string> {
  if (file === undefined) return perturbedGradientDescent;
  watch.enter();
  try {
    const module = (await import(pathToFileURL(file).href)) as { default?: unknown };
    if (typeof module.default === 'function') return module.default as Solver;
    return `${file} has no function as its default export: export default a Solver`;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return `${file} cannot be imported: ${message.split('\n')[0]!}`;
  } finally {
    watch.leave();
  }
}

function watchOf({ progress, epoch }: Task): Watch {
  return {
    enter: () => Atomics.store(progress, 0, Math.max(1, Date.now() - epoch)),
    leave: () => Atomics.store(progress, 0, 0),
  };
}

const budgetOf = (shared: Int32Array): ShrinkBudget => ({
  left: () => Math.max(0, Atomics.load(shared, 0)),
  spend: (milliseconds) => Atomics.sub(shared, 0, Math.ceil(milliseconds)),
});
