/** A certificate of a refutation that can be checked without this project: exact numbers, and the relation that they break. */
import type { PlainSide, Relation } from './claim.ts';
import type { Grid } from './instance.ts';

/** Both factors, row by row. */
export interface FactorGrids {
  /** d1 x r. */
  readonly X: Grid;
  /** d2 x r. */
  readonly Y: Grid;
}

/** A run of the solver that deviates from the definition. */
export interface StepsCertificate {
  /** A run is off. */
  readonly kind: 'steps';
  /** Target. */
  readonly M: Grid;
  /** Step size. */
  readonly eta: number;
  /** Unit roundoff that the solver declares, if it is coarser than that of doubles. */
  readonly u?: number;
  /** Scale of the noise on X. */
  readonly sigma1: number;
  /** Scale of the noise on Y. */
  readonly sigma2: number;
  /** Steps that the run had taken before. */
  readonly taken: number;
  /** The iterate that was read then. */
  readonly before: FactorGrids;
  /** Arguments of the calls of `advance` that followed. */
  readonly calls: readonly number[];
  /** Calls of `advance` by other runs of the solver in between, if there were any. */
  readonly between?: number;
  /** The standard normals of each of these steps, in the contract's order; empty if both scales are 0. */
  readonly noise: Grid;
  /** The iterate that was read after them. */
  readonly after: FactorGrids;
  /** The distance of `after` from the iterate of the definition. */
  readonly distance: number;
  /** The relation of `distance` to `bound`. */
  readonly relation: '>';
  /** More than rounding comes to in any faithful computation of these steps. */
  readonly bound: number;
}

/** Two sides that came from runs of the solver; each step of these may be right. */
export interface SidesCertificate {
  /** Two sides are off. */
  readonly kind: 'sides';
  /** The numbers in words. */
  readonly what: string;
  /** The left side. */
  readonly lhs: PlainSide;
  /** How it should stand to the right one, and does not. */
  readonly relation: Relation;
  /** The right side. */
  readonly rhs: PlainSide;
  /** The allowed distance from that. */
  readonly tolerance: number;
}

/** The data from which a checker confirms a refutation. */
export type Certificate = StepsCertificate | SidesCertificate;
