/** Which claims of the theory of perturbed descent hold for the optimiser, by the ordinary judge, counted by families. */
import { setImmediate } from 'node:timers/promises';
import type { Claim } from '../model/claim.ts';
import type { Given } from '../model/draft.ts';
import { judge } from '../explain/judge.ts';
import { secondsPerStep, type Subject } from '../run/subject.ts';
import type { Verdict } from '../model/verdict.ts';
import { claims, familyOf } from '../claims/registry.ts';
import { planned, readCosts } from '../run/plan.ts';

/** The outcomes of the claims of a family. Claims about the formulas alone, which say nothing about an optimiser, do not count. */
export interface Family {
  /** The part of the claims' ids before the slash. */
  readonly name: string;
  /** Ids of the claims that hold. */
  readonly holds: readonly string[];
  /** Ids of the claims that are refuted. */
  readonly fails: readonly string[];
  /** Not decided, not applicable, or there was no time for them. */
  readonly open: readonly string[];
}

/** Instances of each claim: enough to find the claims that fail, too few to judge a solver. */
const INSTANCES = 5;

export interface FamilySettings {
  readonly seed: number;
  readonly seconds: number;
  readonly given?: Given | undefined;
  readonly onProgress?: ((share: number, what: string) => void) | undefined;
}

export async function judgeFamilies(subject: Subject, settings: FamilySettings): Promise<Family[]> {
  const { seed, seconds, given } = settings;
  const own = claims.filter(({ needs, expected }) => needs !== 'theory' && expected === undefined);
  const budget = { instances: INSTANCES, seconds: seconds * PLANNED, perStep: secondsPerStep(subject.solver) };
  const plan = planned(
    own.map(({ id }) => id),
    readCosts(),
    budget,
  );
  const outcomes = new Map<string, Verdict['outcome']>();
  const end = performance.now() + 1000 * seconds;
  for (const [i, claim] of inTurns(own).entries()) {
    settings.onProgress?.(i / own.length, claim.id);
    const instances = plan.get(claim.id) ?? 0;
    // Failures are repeated, which takes unplanned time.
    if (instances === 0 || performance.now() > end) continue;
    outcomes.set(claim.id, judge(claim, subject, { seed, instances, given, shrink: false }).outcome);
    await setImmediate();
  }
  const names = [...new Set(own.map(familyOf))];
  return names.map((name) => {
    const ids = own.filter((claim) => familyOf(claim) === name).map(({ id }) => id);
    const which = (...of: Verdict['outcome'][]): string[] => ids.filter((id) => of.includes(outcomes.get(id)!));
    const [holds, fails] = [which('holds'), which('refuted', 'fault')];
    return { name, holds, fails, open: ids.filter((id) => !holds.includes(id) && !fails.includes(id)) };
  });
}

/**
 * The first claim of each family, then the second of each, and so on, so that each family has some claims if time is
 * short.
 */
function inTurns(all: readonly Claim[]): Claim[] {
  const turn = (claim: Claim): number => all.filter((other) => familyOf(other) === familyOf(claim)).indexOf(claim);
  return [...all].sort((a, b) => turn(a) - turn(b));
}

/** The part of the time that is planned; the rest is for confirmations of failures. */
const PLANNED = 1 / 4;
