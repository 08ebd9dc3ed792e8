/** The evidence of a run as a type. schema.ts validates it and describes each part. */
import type { Kills } from '../model/kills.ts';
import type { ChanceBounds } from '../run/chance.ts';
import type { Verdict } from '../model/verdict.ts';

/** The facts of a run. */
export interface RunFacts {
  /** Versions of flat-minima and of Node. */
  readonly versions: {
    /** The version of flat-minima. */
    readonly package: string;
    /** The version of Node. */
    readonly node: string;
  };
  /** With it, the same verdicts. */
  readonly seed: number;
  /** Instances asked for of each claim. */
  readonly instances: number;
  /** The file of the solver, or `flat-minima` for our own. */
  readonly solver: string;
  /** The command of the solver, if it is a program. */
  readonly command?: string;
  /** The solver never draws from the source it is given. */
  readonly ownNoise: boolean;
  /** The precision at which the solver was judged, if coarser than double. */
  readonly precision?: string;
  /** File of the given target. */
  readonly target?: string;
  /** The options with which the target was read, such as `--columns` and `1-4`. */
  readonly reading?: readonly string[];
  /** Rank of the factors, if a target is given. */
  readonly rank?: number;
  /** d1 = d2 of the claims about any dimension, if the user gave it. */
  readonly dimension?: number;
  /** "i/n" if the run is one part of n. */
  readonly shard?: string;
  /** The argument of --instance, if only one instance of each claim was judged. */
  readonly instance?: string;
}

/** A hypothesis of a claim. */
export interface HypothesisText {
  /** In words. */
  readonly text: string;
  /** Id of the claim without it, which must be refuted. */
  readonly ablation?: string;
}

/** The use of random numbers by a claim. */
export interface RandomText {
  /** The basis of the bound on the probability that a trial of a correct solver fails. */
  readonly basis: 'exact bound' | 'leading order';
  /** The quantity whose deviations it finds. */
  readonly shift?: string;
  /** The relative deviation that a run of 100 instances finds with a chance of at least 0.99. */
  readonly finds?: number;
  /** Why it is not finer. */
  readonly because?: string;
}

/** The description of a claim for readers. */
export interface ClaimText {
  /** family/name; of a derived claim, family/name#2 without the second hypothesis, or family/name#tight. */
  readonly id: string;
  /** One sentence in the terms of the field. */
  readonly statement: string;
  /** The statement in TeX. */
  readonly formula: string;
  /** identity, inequality, deterministic trajectory, stochastic trajectory, or statistical. */
  readonly kind: string;
  /** The requirement on a solver: theory (nothing), law, coupling, or injected noise. */
  readonly needs: string;
  /** The condition that an instance satisfies. */
  readonly hypotheses: readonly HypothesisText[];
  /** An equality, or an inequality that is attained somewhere, or only valid. */
  readonly bound: 'equality' | 'tight' | 'valid';
  /** The instances on which a tight bound is attained. */
  readonly attained?: string;
  /** Present for a random claim. */
  readonly random?: RandomText;
  /** Who says so. */
  readonly source: string;
  /** The link to its proof, from the root of the package. */
  readonly proof: string;
  /** Numbers of the statements of docs/theory.md that it states or follows from. */
  readonly items: readonly string[];
}

/** A verdict, with the description of its claim. */
export interface Entry extends Verdict, ClaimText {}

/** The evidence of a run: the contents of evidence.json. */
export interface Evidence extends RunFacts {
  /** The path of its JSON Schema. */
  readonly $schema?: string;
  /** Version of the schema. */
  readonly schema: number;
  /** Whose evidence it is. */
  readonly project: 'flat-minima';
  /** The part that was judged, such as "19 of 193 claims"; absent for a run of all claims. */
  readonly part?: string;
  /** Bounds on the chance that the run is wrong about a correct solver or a true claim. */
  readonly chance: ChanceBounds;
  /** The kill matrix, when it was run. */
  readonly kills?: Kills;
  /** In the order of the registry, each followed by its derived claims. */
  readonly claims: readonly Entry[];
}
