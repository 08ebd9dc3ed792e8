/** Shared by the parts of the report. */
import { isDerived } from '../claims/registry.ts';
import type { Entry, Evidence } from '../cli/evidence-types.ts';
import type { Kills } from '../model/kills.ts';

/** Folder of the explorer, next to the report. */
export const EXPLORER = 'explorer';

export interface Context {
  readonly evidence: Evidence;
  /** The file of the evidence, next to the report. */
  readonly file: string;
  /** The kill matrix of this run, or else the committed one. */
  readonly kills: Kills;
  /** The address of a file of the project, relative to the report. */
  readonly link: (file: string) => string;
}

/** The claims themselves, without derived ones. */
export const claimsOf = ({ claims }: Evidence): readonly Entry[] => {
  const own = claims.filter((entry) => !isDerived(entry));
  return own.length > 0 ? own : claims;
};

/** Whether a claim failed the run. */
export const isRefuted = ({ outcome }: Pick<Entry, 'outcome'>): boolean =>
  outcome === 'refuted' || outcome === 'statement refuted' || outcome === 'fault' || outcome === 'holds unexpectedly';

/** The faulty solvers that a claim refutes. */
export const killedBy = (id: string, { mutants }: Kills): string[] =>
  Object.keys(mutants).filter((name) => mutants[name]!.includes(id));
