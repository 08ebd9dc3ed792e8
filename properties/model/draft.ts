/** The draws of an instance, and the designs that describe them (generate/design.ts draws). */
import type { Arbitrary } from 'fast-check';
import type { Grid } from './instance.ts';

/** Dimensions of the matrices of an instance: k is the rank of the target. */
export type Dimension = 'd1' | 'd2' | 'r' | 'k' | 'one';
export type Shape = readonly [Dimension, Dimension];
/** Inclusive. */
export type Ranges = Readonly<Record<Dimension, readonly [number, number]>>;

/** The raw draws from which an instance is derived. */
export interface Draft {
  /** The dimensions. */
  readonly size: Readonly<Record<Dimension, number>>;
  /** Matrices on a lattice, by name. */
  readonly grids: Readonly<Record<string, Grid>>;
  /** Choices, by name. */
  readonly picks: Readonly<Record<string, number>>;
  /** The seed of the instance's noise. */
  readonly seed: number;
  /** The user's target, if there is one. */
  readonly target?: Grid;
}

/** A target that the user gave, with the rank of the factors. */
export interface Given {
  /** M, d1 x d2. */
  readonly target: Grid;
  /** r <= min(d1, d2). */
  readonly rank: number;
  /** k, if the user's target is 4^k times this one (run/rescaled.ts). */
  readonly scale?: number;
}

/** The dimension d1 = d2 that the user gave. */
export interface GivenDimension {
  readonly dimension: number;
}

export interface GridDesign {
  readonly shape: Shape;
  /** Entries are multiples of this power of two ... */
  readonly unit: number;
  /** ... and at most this large. */
  readonly max: number;
}

export interface Design<I> {
  /** Inclusive ranges; d1, d2 in 1..8, r in 1..3, k in 1..3 by default. r, k <= min(d1, d2) always. */
  readonly size?: Partial<Ranges>;
  /** Ranges in place of these for one instance in eight; shrinking passes from the larger ranges to the others. */
  readonly large?: Partial<Ranges>;
  readonly grids: Readonly<Record<string, GridDesign>>;
  /** Choices; they shrink to the first one, which is the simplest. */
  readonly picks?: Readonly<Record<string, readonly number[]>>;
  /** Choices that may be any whole number between two of their options; shrinking tries them. */
  readonly between?: readonly string[];
  /** An unavoidable filter on the input; its acceptance rate is counted. */
  readonly accepts?: (draft: Draft) => boolean;
  readonly complete: (draft: Draft) => I;
  /** Why a given target is out of the claim's reach, if it is. */
  readonly excludes?: (given: Given) => string | undefined;
}

/** Draws the instances of a design, and simplifies each of them. */
export interface InstanceArbitrary<I extends object> extends Arbitrary<I> {
  /** Drafts drawn so far. */
  readonly drawn: number;
  /** Those of them that satisfied the hypotheses. */
  readonly accepted: number;
  /** The choices of its design. */
  readonly picks: Readonly<Record<string, readonly number[]>>;
  /** The draft from which an instance of this arbitrary was derived. */
  draftOf(instance: I): Draft;
  /** The drafts after one simplification of this one; the hypotheses may rule some of them out. */
  simpler(draft: Draft): Draft[];
  /** The instance of a draft; undefined if it does not satisfy the hypotheses. */
  derive(draft: Draft): I | undefined;
  /** The same for a draft from elsewhere: undefined also if the design cannot draw it. */
  revive(draft: Draft): I | undefined;
  /** Whether the design can draw the draft, or shrink to it. */
  allows(draft: Draft): boolean;
  /** Other random drafts of the same sizes; fewer if the hypotheses reject nearly all. */
  redrawn(draft: Draft, seed: number, count: number): Draft[];
}

/** The arbitrary of a claim's instances, or the reason why the claim does not apply to a user's target. */
export type InstanceSource<I extends object> = (given?: Given | GivenDimension) => InstanceArbitrary<I> | string;
