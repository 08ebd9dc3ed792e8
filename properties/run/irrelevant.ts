/** The irrelevant inputs of a counterexample: the check still fails if they are varied, in each of a few ways. */
import type { Draft, InstanceArbitrary } from '../model/draft.ts';
import { zeros, type Instance } from '../model/instance.ts';

/** Each input is varied so often at least, or nothing is said of it. */
export const LEAST = 2;

/** An input is not varied further once this number of other values did not matter. */
const ENOUGH = 4;

/** The number of times that the grids are drawn again: one grid alone often makes no difference, or is 0 again. */
const REDRAWS = 6;

/**
 * The inputs that do not matter, in the instance's order; undefined if no work was left to find out. Inputs are varied
 * through drafts, so that hypotheses hold; the step size changes with them, and counts as varied only if no other input
 * is.
 */
export function irrelevantInputs<I extends Instance>(
  { instance, draft }: { readonly instance: I; readonly draft: Draft },
  arbitrary: InstanceArbitrary<I>,
  drafts: Iterable<Draft>,
  /** Whether an instance fails too; undefined if no work is left to find out. */
  fails: (instance: I) => boolean | undefined,
): string[] | undefined {
  const own = arbitrary.derive(draft)!;
  const matter = new Set<string>();
  const kept = new Map<string, number>();
  const times = (input: string): number => kept.get(input) ?? 0;
  for (const other of drafts) {
    const varied = arbitrary.derive(other);
    const inputs = varied === undefined ? [] : changedInputs(own, varied);
    // If one of them matters, the others remain unknown.
    if (inputs.every((input) => times(input) >= ENOUGH) || inputs.some((input) => matter.has(input))) continue;
    const still = fails(varied!);
    if (still === undefined) return undefined;
    for (const input of inputs) {
      if (still) kept.set(input, times(input) + 1);
      else matter.add(input);
    }
  }
  return Object.keys(instance).filter((input) => !matter.has(input) && times(input) >= LEAST);
}

/**
 * The inputs in which two instances differ: those from which the step size and other numbers are derived, or else these
 * numbers.
 */
function changedInputs<I extends Instance>(one: I, other: I): string[] {
  const differs = (name: string): boolean =>
    JSON.stringify(one[name as keyof I]) !== JSON.stringify(other[name as keyof I]);
  const changed = Object.keys(one).filter(differs);
  const given = changed.filter((name) => GIVEN.has(name) || Array.isArray(one[name as keyof I]));
  return given.length > 0 ? given : changed;
}

const GIVEN = new Set(['sigma1', 'sigma2', 'seed']);

/** The draft with this number of other seeds. */
export function* otherSeeds(draft: Draft, count = ENOUGH): Generator<Draft> {
  for (let n = 1; n <= count; n++) yield { ...draft, seed: (draft.seed + n) % 2 ** 31 };
}

/** The draft with other choices, with a grid of zeros, and with one or two grids drawn again at the same size. */
export function* otherInputs<I extends Instance>(draft: Draft, arbitrary: InstanceArbitrary<I>): Generator<Draft> {
  for (const [name, options] of Object.entries(arbitrary.picks)) {
    const others = options.filter((option) => option !== draft.picks[name]).slice(0, ENOUGH);
    for (const other of others) yield { ...draft, picks: { ...draft.picks, [name]: other } };
  }
  const names = Object.keys(draft.grids);
  for (const name of names) yield { ...draft, grids: { ...draft.grids, [name]: zeros(draft.grids[name]!) } };
  const redrawn = arbitrary.redrawn(draft, draft.seed, REDRAWS);
  for (const [i, name] of names.entries()) {
    // Two at a time: of a product A B' with A = 0 one factor alone changes nothing.
    for (const together of [[name], ...names.slice(i + 1).map((other) => [name, other])]) {
      for (const { grids } of redrawn) yield { ...draft, grids: { ...draft.grids, ...only(grids, together) } };
    }
  }
}

const only = (grids: Draft['grids'], names: readonly string[]): Draft['grids'] =>
  Object.fromEntries(names.map((name) => [name, grids[name]!]));
