/** The claims as a vitest suite, for this project and for others: `describeClaims(mySolver)`. */
import { describe, test } from 'vitest';
import type { Solver } from '../../src/index.ts';
import { judge } from '../explain/judge.ts';
import { shrinkTime } from '../run/shrink.ts';
import { noWatch } from '../run/guard.ts';
import { inspect, type Subject } from '../run/subject.ts';
import { DOUBLE, PRECISIONS, roundoffNamed } from '../model/precision.ts';
import type { Claim } from '../model/claim.ts';
import { claims, familyOf, isDerived, select, derivedFrom } from '../claims/registry.ts';
import { freshSeed } from '../model/seeds.ts';
import { faultTexts } from '../explain/faults.ts';
import { refutationText } from '../explain/refutation.ts';
import { restsOn } from '../explain/resting.ts';

export interface DescribeOptions {
  /** The precision of the solver (default: double): a format such as `float32`, or a unit roundoff such as `2^-16`. */
  readonly precision?: string;
  /** Seed of the run; default: the variable SEED, else a fresh one. It is printed. */
  readonly seed?: number;
  /** Instances of each claim (default: 100). */
  readonly instances?: number;
  /** Ids or families (default: all claims). */
  readonly claims?: readonly string[];
  /** Whether each hypothesis is also shown to be needed and each tight bound to be attained: about the theory, not the solver. */
  readonly ablate?: boolean;
  /** Whether counterexamples are shrunk (default: true). */
  readonly shrink?: boolean;
}

/**
 * Defines one test per claim, grouped by family. With INSTANCE set, as printed with a refutation, only that instance is
 * judged.
 *
 * @example
 * ```ts
 * describeClaims(perturbedGradientDescent, { claims: ['definition'], instances: 10 }); // in a test file of vitest
 * ```
 */
export function describeClaims(solver: Solver, options: DescribeOptions = {}): void {
  const seed = options.seed ?? Number(process.env['SEED'] ?? freshSeed());
  const chosen = select(options.claims ?? []);
  if ('unknown' in chosen)
    throw new Error(`${chosen.unknown} is neither a claim nor a family of flat-minima: see npm run verify -- --list`);
  const [subject, time, only] = [inspected(solver, options), shrinkTime(), process.env['INSTANCE']];
  process.stdout.write(
    `flat-minima: claims judged under seed ${seed}${subject.ownNoise ? ', without injected noise' : ''}\n`,
  );
  /** Claims refuted so far: those that rest on them need few words. */
  const refuted: Claim[] = [];
  // Our own tests judge the file in SOLVER.
  const { SOLVER } = process.env;
  const by = SOLVER === undefined ? '' : `SOLVER=${SOLVER} `;
  const replayed = (id: string, instance: string): string =>
    `${by}SEED=${seed} INSTANCE=${instance} npx vitest run -t '${id}:'`;
  for (const family of new Set(claims.map(familyOf))) {
    const members = chosen.filter((claim) => familyOf(claim) === family);
    if (members.length === 0) continue;
    const derived = (claim: Claim): readonly Claim[] =>
      options.ablate === true && !isDerived(claim) ? derivedFrom(claim) : [];
    describe(family, () => {
      for (const claim of members.flatMap((member) => [member, ...derived(member)])) {
        test(`${claim.id}: ${claim.statement}`, (context) => {
          const verdict = judge(claim, subject, {
            seed,
            instances: options.instances ?? 100,
            only,
            time,
            shrink: options.shrink ?? !isDerived(claim),
          });
          const { outcome, reason, refutation } = verdict;
          Object.assign(context.task.meta, { verdict: { id: claim.id, outcome, instances: verdict.instances } });
          if (outcome === 'not applicable' || outcome === 'not decidable') context.skip(reason);
          if (outcome === 'refuted as expected') return;
          if (refutation !== undefined) {
            const replay = replayed(claim.id, refutation.replay);
            const [root] = refuted.filter((other) => restsOn(claim, other));
            refuted.push(claim);
            throw withoutStack(
              root === undefined
                ? refutationText(claim, refutation, replay)
                : `${claim.id} rests on ${root.id}, which is refuted: read that first. Replay: ${replay}`,
            );
          }
          if (verdict.fault !== undefined)
            throw withoutStack(faultTexts([verdict], () => replayed(claim.id, verdict.fault!.replay))[0]!);
          if (outcome !== 'holds') throw withoutStack(`${claim.id} is ${outcome}: ${reason}`);
        }, 600_000);
      }
    });
  }
}

function inspected(solver: Solver, { precision }: DescribeOptions): Subject {
  const roundoff = precision === undefined ? DOUBLE : roundoffNamed(precision);
  if (roundoff === undefined) throw new Error(`precision is ${precision}, which is unknown: give ${PRECISIONS}`);
  return inspect(solver, noWatch, roundoff);
}

/** A refutation is no bug in the code that found it: its text is all there is to read. */
function withoutStack(message: string): Error {
  const error = new Error(message);
  error.stack = message;
  return error;
}
