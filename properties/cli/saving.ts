/** What a run keeps: each refutation as soon as it is known, and again when it is smaller. */
import { readFileSync, rmSync } from 'node:fs';
import { fileOf, fingerprint, FOLDER, keep, markOutdated, readAll, USERS_FOLDER } from './counterexamples.ts';
import type { Kept } from '../model/kept.ts';
import { removeDrafts } from './files.ts';
import { claimOf, isTwin } from '../claims/registry.ts';
import type { Refutation } from '../model/verdict.ts';
import type { VerifyOptions } from './options.ts';
import type { Progress } from './run.ts';
import { slashed, solverOf } from './solver-name.ts';

export class Keeping {
  readonly #options: VerifyOptions;
  readonly #written = new Set<string>();
  /** What earlier runs kept, and a sentence for each file in the folder that is none of ours. */
  readonly kept: readonly (Kept & { file: string })[] = [];
  readonly complaints: readonly string[] = [];

  constructor(options: VerifyOptions) {
    this.#options = options;
    if (options.keep === undefined) return;
    removeDrafts(options.keep);
    const folders = [...new Set([options.keep, ...(options.keep === USERS_FOLDER ? [FOLDER] : [])])];
    const all = folders.map(readAll);
    this.kept = all.flatMap(({ kept }) => kept).filter(({ outdated }) => outdated === undefined);
    this.complaints = [...all.flatMap(({ complaints }) => complaints), ...changes(this.kept)];
  }

  /** The same progress, with refutations kept. Those on a user's target, which may be large and is not ours, are not. */
  recording(progress: Progress): Progress {
    if (this.#options.keep === undefined || this.#options.target !== undefined) return progress;
    return {
      ...progress,
      refuted: (id, refutation) => this.#refuted(id, refutation),
      finished: (verdict) => {
        progress.finished(verdict);
        const { id, outcome, refutation, outdated = [] } = verdict;
        for (const file of outdated) markOutdated(file);
        if (outcome === 'refuted' && refutation !== undefined) this.#refuted(id, refutation);
        else this.#forget(id);
      },
    };
  }

  #refuted(id: string, refutation: Refutation): void {
    if (refutation.kept !== undefined || claimOf(id)?.expected !== undefined || isTwin({ id })) return;
    const { keep: folder, seed } = this.#options;
    const { file, written } = keep(folder!, id, solverOf(this.#options), seed, refutation);
    if (written) this.#written.add(file);
  }

  /** A refutation that turned out to be no solver's fault leaves no file. */
  #forget(id: string): void {
    const file = fileOf(this.#options.keep!, id, solverOf(this.#options));
    if (this.#written.delete(file)) rmSync(file, { force: true });
  }

  /** The files that were written, each with its content, ready to be committed: a machine of CI is gone after the run. */
  toCommit(): string[] {
    return [...this.#written].map(
      (file) => `To keep this counterexample, commit it as ${slashed(file)}:\n${readFileSync(file, 'utf8').trimEnd()}`,
    );
  }
}

/** A sentence for each claim that is no longer what it was when counterexamples to it were kept. */
function changes(kept: readonly Kept[]): string[] {
  const prints = new Map([...new Set(kept.map(({ claim }) => claim))].map((id) => [id, fingerprint(claimOf(id)!)]));
  const changed = kept.filter((each) => JSON.stringify(each.fingerprint) !== JSON.stringify(prints.get(each.claim)));
  return [...new Set(changed.map(({ claim }) => claim))].map((id) => {
    const count = changed.filter(({ claim }) => claim === id).length;
    return `${id} has changed since ${count} of its counterexamples ${count === 1 ? 'was' : 'were'} kept: its present form is tried on them`;
  });
}
