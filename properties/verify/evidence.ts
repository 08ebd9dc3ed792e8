/** The evidence of a run as JSON, written in one move so that runs side by side cannot spoil it. */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { claimOf } from '../registry.ts';
import type { Verdict } from '../verdict.ts';

export interface RunFacts {
  readonly seed: number;
  readonly instances: number;
  /** The file of the solver, or `OURS`. */
  readonly solver: string;
  /** The program that solved, where it was one. */
  readonly command?: string;
  /** The solver never draws from the source it is given. */
  readonly ownNoise: boolean;
  readonly target?: string;
  readonly rank?: number;
  /** "i/n" where the run is one part of n. */
  readonly shard?: string;
}

/** How evidence names the solver of src. */
export const OURS = 'flat-minima';

const SCHEMA = 3;

export function evidenceJson(facts: RunFacts, verdicts: readonly Verdict[]): string {
  const entries = verdicts.map((verdict) => {
    const { statement, formula, kind, needs, hypotheses, bound, source, proof, items, errors } = claimOf(verdict.id)!;
    return {
      ...verdict,
      statement,
      formula,
      kind,
      needs,
      hypotheses: hypotheses.map((hypothesis) => (typeof hypothesis === 'string' ? hypothesis : hypothesis.text)),
      bound: typeof bound === 'string' ? bound : `tight ${bound.tight}`,
      source,
      proof: `docs/theory.md#${proof}`,
      items,
      ...(errors === undefined ? {} : { errors: { ...errors, detects: errors.detects?.text } }),
    };
  });
  const evidence = { schema: SCHEMA, project: 'flat-minima', ...facts, claims: entries };
  // JSON has no infinities and no NaN; they stand as words.
  const word = (_: string, value: unknown): unknown =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
  return `${JSON.stringify(evidence, word, 2)}\n`;
}

export function writeWhole(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}.part`;
  writeFileSync(draft, text);
  renameSync(draft, file);
}
