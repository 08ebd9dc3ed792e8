/** A run on a meter. */
import { readFileSync } from 'node:fs';
import { claimOf } from '../claims/registry.ts';
import { isBad } from './exit.ts';
import type { Meter } from './meter.ts';
import type { Progress } from './run.ts';

/** The facts that are known before a run. */
interface Plan {
  readonly claims: readonly string[];
  /** The number of instances of each claim. */
  readonly instances: number;
  /** The costs of the claims in an earlier run (default: all equal). */
  readonly costs?: ReadonlyMap<string, number>;
  /** The place of the run in the work of the command (default: all of it). */
  readonly part?: { readonly name: string; readonly before: number; readonly of: number };
}

/** Each claim counts by its cost in the last run, and by the share of its instances that is done. */
export function progressOn(meter: Meter, { claims, instances, costs = new Map(), part }: Plan): Progress {
  const { name, before, of } = part ?? { name: '', before: 0, of: 1 };
  // A new claim is estimated at the average cost of the others.
  const usual = costs.size === 0 ? 1 : [...costs.values()].reduce((sum, cost) => sum + cost, 0) / costs.size;
  const cost = (id: string): number => costs.get(id) ?? usual;
  const all = claims.reduce((sum, id) => sum + cost(id), 0);
  let [finished, spent] = [0, 0];
  const shown = new Set<string>();
  const count = (): string => `${String(finished).padStart(String(claims.length).length)}/${claims.length}`;
  return {
    planned: (text) => meter.line(text, true),
    running(done) {
      const under = [...done].map(([id, n]) => `${id} ${n}/${instances}`);
      const partly = [...done].reduce((sum, [id, n]) => sum + cost(id) * Math.min(1, n / instances), 0);
      meter.at((before + (spent + partly) / all) / of, [`${name}${count()}`, ...under].join('  '));
    },
    refuted(id) {
      if (shown.has(id) || claimOf(id)?.expected !== undefined) return;
      shown.add(id);
      meter.line(`[${count()}] ${name}${id}: refuted; searching for a smaller counterexample`, true);
    },
    finished(verdict) {
      finished++;
      spent += cost(verdict.id);
      meter.line(`[${count()}] ${name}${verdict.id}: ${verdict.outcome}`, isBad(verdict));
    },
  };
}

/** Milliseconds that each claim took in the run that left the evidence; nothing is known without any. */
export function costsIn(file: string): Map<string, number> {
  try {
    const { claims } = JSON.parse(readFileSync(file, 'utf8')) as { claims: { id: string; milliseconds: number }[] };
    // Even a claim that took no time has to be sent to a worker.
    return new Map(claims.map(({ id, milliseconds }) => [id, 1 + milliseconds]));
  } catch {
    return new Map();
  }
}
