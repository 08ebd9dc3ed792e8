/** The format of saved counterexamples (cli/counterexamples.ts reads and writes them). */
import type { Certificate } from './certificate.ts';
import type { Draft } from './draft.ts';
import type { Instance } from './instance.ts';

/** A saved counterexample, one for each claim and solver. */
export interface Saved {
  readonly schema: number;
  readonly claim: string;
  /** The solver that was refuted; information only. */
  readonly solver: string;
  /** Hashes of the claim and of its generator: they change when those do. */
  readonly fingerprint: { readonly claim: string; readonly instances: string };
  readonly versions: { readonly package: string; readonly node: string };
  readonly date: string;
  /** Seed of the run. */
  readonly seed: number;
  /** Path of the shrinks. */
  readonly replay: string;
  /** When the solver passed it, of a random claim: it is not tried again. */
  readonly outdated?: string | undefined;
  readonly instance: Instance;
  /** The draft from which the instance is derived: it must derive the same one again. */
  readonly draft: Draft;
  /** The finding of that run: both sides, or a sentence. */
  readonly finding: { readonly what: string; readonly [name: string]: unknown } | string;
  /** For others, who check it without this project; older files have none. */
  readonly certificate?: Certificate | undefined;
}
