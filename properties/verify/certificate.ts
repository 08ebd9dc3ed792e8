/** The evidence of a run as a type. schema.ts validates it and says what each part means. */
import type { Claim } from '../claim.ts';
import type { Verdict } from '../verdict.ts';

/** What a run was. */
export interface RunFacts {
  readonly versions: { readonly package: string; readonly node: string };
  /** With it, the same verdicts. */
  readonly seed: number;
  /** Instances asked for of each claim. */
  readonly instances: number;
  /** The file of the solver, or `flat-minima` for our own. */
  readonly solver: string;
  /** The program that solved, where it was one. */
  readonly command?: string;
  /** The solver never draws from the source it is given. */
  readonly ownNoise: boolean;
  /** File of the given target. */
  readonly target?: string;
  /** Rank of the factors, where there is a given target. */
  readonly rank?: number;
  /** d1 = d2 of the claims about any dimension, where a user gave it. */
  readonly dimension?: number;
  /** "i/n" where the run is one part of n. */
  readonly shard?: string;
}

/** For each wrong solver the claims that refute it. */
export interface Kills {
  readonly seed: number;
  readonly instances: number;
  readonly impostors: Readonly<Record<string, readonly string[]>>;
}

/** A verdict, with what readers are told of its claim. */
export interface Entry extends Verdict, Pick<Claim, 'statement' | 'formula' | 'source' | 'proof' | 'items'> {
  readonly kind: string;
  readonly needs: string;
  /** `without` is the id of the claim without it, which must be refuted. */
  readonly hypotheses: readonly { readonly text: string; readonly without?: string }[];
  readonly bound: 'equality' | 'tight' | 'valid';
  /** Where a tight bound is attained. */
  readonly attained?: string;
  /** Chances of a wrong verdict, and of missing the smallest violation that it is meant to catch. */
  readonly errors?: {
    readonly alpha: number;
    readonly basis: 'exact bound' | 'leading order';
    readonly detects?: string;
    readonly beta?: number;
  };
}

/** The evidence of a run: what evidence.json holds. */
export interface Evidence extends RunFacts {
  readonly $schema?: string;
  readonly schema: number;
  readonly project: 'flat-minima';
  /** Chance of a false alarm in the run, at most; what is allowed; how many claims random numbers decide. */
  readonly errors: { readonly chance: number; readonly budget: number; readonly random: number };
  readonly kills?: Kills;
  /** In the order of the registry, each followed by its variations. */
  readonly claims: readonly Entry[];
}
