/** The kill matrix: which claims refute which faulty solvers. */

/** For each faulty solver the claims that refute it. */
export interface Kills {
  /** Seed of the run. */
  readonly seed: number;
  /** Instances of each claim. */
  readonly instances: number;
  /** Ids of the claims that were judged. */
  readonly claims?: readonly string[];
  /** Name of a faulty solver, and the ids. */
  readonly mutants: Readonly<Record<string, readonly string[]>>;
  /** The mistake of each of them, in a sentence. */
  readonly misreadings?: Readonly<Record<string, string>>;
}
