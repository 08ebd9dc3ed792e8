/** Saves each refutation as soon as it is known, and again when it is smaller. */
import { readFileSync, rmSync } from 'node:fs';
import { fileOf, fingerprint, FOLDER, keep, markOutdated, readAll, USERS_FOLDER } from './counterexamples.ts';
import type { Saved } from '../model/saved.ts';
import { removeDrafts } from './files.ts';
import { claimOf, isDerived } from '../claims/registry.ts';
import type { Refutation } from '../model/verdict.ts';
import type { VerifyOptions } from './options.ts';
import type { Progress } from './run.ts';
import { slashed, solverOf } from './solver-name.ts';

export class Saving {
  readonly #options: VerifyOptions;
  readonly #written = new Set<string>();
  /** The counterexamples that earlier runs saved, and a sentence for each file in the folder that is not one of ours. */
  readonly saved: readonly (Saved & { file: string })[] = [];
  readonly complaints: readonly string[] = [];

  constructor(options: VerifyOptions) {
    this.#options = options;
    if (options.keep === undefined) return;
    removeDrafts(options.keep);
    const folders = [...new Set([options.keep, ...(options.keep === USERS_FOLDER ? [FOLDER] : [])])];
    const all = folders.map(readAll);
    const present = all.flatMap(({ saved }) => saved).filter(({ outdated }) => outdated === undefined);
    this.saved = options.keep === FOLDER && options.solver !== undefined ? this.#ownOf(present) : present;
    this.complaints = [...all.flatMap(({ complaints }) => complaints), ...changes(this.saved)];
  }

  /** A mutant gets a counterexample of its own there, although those of other mutants refute it too. */
  #ownOf<T extends Pick<Saved, 'solver'>>(saved: readonly T[]): T[] {
    return saved.filter(({ solver }) => solver === solverOf(this.#options));
  }

  /** The same progress, with refutations saved. Those on a user's target, which may be large and is not ours, are not. */
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
    if (refutation.saved !== undefined || claimOf(id)?.expected !== undefined || isDerived({ id })) return;
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

/** A sentence for each claim that has changed since counterexamples to it were saved. */
function changes(saved: readonly Saved[]): string[] {
  const prints = new Map([...new Set(saved.map(({ claim }) => claim))].map((id) => [id, fingerprint(claimOf(id)!)]));
  const changed = saved.filter((each) => JSON.stringify(each.fingerprint) !== JSON.stringify(prints.get(each.claim)));
  return [...new Set(changed.map(({ claim }) => claim))].map((id) => {
    const count = changed.filter(({ claim }) => claim === id).length;
    return `${id} has changed since ${count} of its counterexamples ${count === 1 ? 'was' : 'were'} saved: the current version is checked on them`;
  });
}
