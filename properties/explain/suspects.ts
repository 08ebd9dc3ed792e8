/** A guess at the mistake of a solver: known faulty solvers that are refuted by nearly the same claims. */
import type { Verdict } from '../model/verdict.ts';
import { isDerived } from '../claims/registry.ts';
import type { Kills } from '../model/kills.ts';

export interface Suspect {
  readonly name: string;
  /** The mistake, in a sentence. */
  readonly misreading: string;
  /** Claims that refute both, and those that refute either. */
  readonly both: number;
  readonly either: number;
  /** Whether the same claims of the contract refute both: chance and tolerances play no part in these. */
  readonly agrees: boolean;
}

/**
 * How alike two patterns have to be. The known mutants are distinguished by their patterns: each of them left out, a
 * guess among the others would be wrong. At 3/4 that happens to 17 of 42, at 93/100 to 4, and to 2 (noise on one factor alone) if the claims of the contract agree too:
 * a mistake that is not among the known ones gets a wrong guess about once in twenty times (tests/causes.test.ts).
 */
const ALIKE = 93 / 100;

/** Mistakes that fit nearly as well are named too: of about 30 claims that refute a solver, one may differ by chance. */
const AS_WELL = 1 / 20;

/** If more known mutants than this fit, nothing is guessed; nor if fewer claims than LEAST are refuted, which chance can do. */
const [MOST, LEAST] = [3, 3];

/** The known faulty solvers that are most like it, by the share of claims that refute both among those that refute either. */
export function suspects(kills: Kills, verdicts: readonly Verdict[]): Suspect[] {
  const known = new Set(kills.claims ?? Object.values(kills.mutants).flat());
  const judged = verdicts.filter((verdict) => !isDerived(verdict) && known.has(verdict.id) && verdict.instances > 0);
  const ids = new Set(judged.map(({ id }) => id));
  const refuted = new Set(judged.flatMap(({ id, outcome }) => (outcome === 'refuted' ? [id] : [])));
  if (refuted.size < LEAST) return [];
  const contract = [...ids].filter((id) => id.startsWith('contract/'));
  const all = Object.entries(kills.mutants).map(([name, killers]): Suspect => {
    const theirs = killers.filter((id) => ids.has(id));
    const both = theirs.filter((id) => refuted.has(id)).length;
    const misreading = kills.misreadings?.[name] ?? name;
    const agrees = contract.every((id) => theirs.includes(id) === refuted.has(id));
    return { name, misreading, both, either: refuted.size + theirs.length - both, agrees };
  });
  const likeness = ({ both, either }: Suspect): number => both / either;
  const best = Math.max(...all.map(likeness));
  const alike = all.filter((each) => each.agrees && likeness(each) >= Math.max(ALIKE, best - AS_WELL));
  alike.sort((a, b) => likeness(b) - likeness(a));
  return alike.length > MOST ? [] : alike;
}

/** The guess in words; empty if no known mistake matches. */
export function guess(kills: Kills, verdicts: readonly Verdict[]): string {
  const found = suspects(kills, verdicts);
  if (found.length === 0) return '';
  const lines = found.map(
    ({ name, misreading, both, either }) => `  ${name} (${both} of ${either} claims in common): ${misreading}`,
  );
  return [
    'A guess at the cause, by which claims are refuted. Nearly the same ones refute these known faulty solvers:',
    ...lines,
  ].join('\n');
}
