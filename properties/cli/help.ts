/** The text of `--help`. No claim is loaded for it. */
import { commandLine, documentPath } from '../model/place.ts';

export const HELP = `Usage: ${commandLine('verify')} [options]

Checks every claim on random instances. Exit codes: 0 every applicable claim holds, 1 the solver is refuted,
2 usage error, 3 undecided, 4 the solver throws, hangs or returns no iterate, 5 a statement is refuted
(no solver is blamed: please report it), 70 internal error.

  --solver <file>       judge the default export of a .js, .mjs or .ts module (default: our solver)
  --solver-command <c>  judge a program in any language that implements ${documentPath('protocol.md')}
                        (default: 10 instances)
  --precision <p>       precision of the solver, if not double: float32, float16, bfloat16, or a unit roundoff
                        such as 2^-16; a module may export it as precision
  --claim <id|family>   only these claims, or id#2 without its second hypothesis; may be repeated
  --instances <N>       instances of each claim (default 100)
  --seed <S>            a whole number; the same seed gives the same verdicts (default: fresh; or SEED)
  --shard <i/n>         only every n-th instance, starting with the i-th; --merge combines the evidence
  --merge <file>        combine the evidence of shards instead of judging; once for each file
  --instance <i[:path]> only this instance, as printed with a refutation; "i:" is instance i before shrinking
  --target <file>       check the claims that apply to the matrix in this file, with --rank <r> of the factors; formats:
                        CSV and other text, .npy, .npz, Matrix Market, JSON, gzip (${documentPath('targets.md')})
  --array <name>        the array to read from a .npz file with several
  --columns <list>      read only these columns of the target, such as 1-4 or 1,3-5, counted from 1
  --drop-rows-with-missing  leave out rows of the target that lack values
  --compare <file>      compare slacks with an earlier run, under its seed and instances
  --dimension <d>       check the theory at scale: the claims of the family scale at d1 = d2 = d, such as 1e6
  --minutes <N>         time of the run: slow claims are judged on fewer instances (default: as long as --instances
                        takes, at most 10 minutes; with --target at most one)
  --timeout <S>         seconds for one call into the solver (default 30); a tenth of it after 3 claims in which one
                        did not return
  --workers <N>         parallel workers (default: number of cores); verdicts do not depend on it
  --profile             print the time of each claim
  --json <file>         write the evidence to this file as well
  --junit <file>        write the verdicts as JUnit XML, which CI systems show
  --out <folder>        folder of evidence.json, which every run replaces (default coverage/claims)
  --labels              print the labels of the instances of each claim
  --quiet               print only refutations and the closing line
  --keep <folder>       where counterexamples are saved and retried first (default coverage/counterexamples; "none" disables)
  --list                list the claims, one per line, and stop
  --help                show this text`;

/** The options of this repository alone. */
export const UPKEEP_HELP = `
For this repository:

  --kills               judge every faulty solver of fixtures/mutants (default: 20 instances), or the one in --solver,
                        or all by --claim, with the seed and instances of the saved matrix: the kill matrix
  --calibrate           measure chances and resolution (default 100 instances), write docs/calibration.md
  --costs               count the steps that an instance of each claim takes, write fixtures/costs.json, and stop
  --experiments         rerun the study and write its data to fixtures/experiments, and stop
  --ledger              write docs/claims.md, docs/evidence.schema.json and the table of the README, and stop`;
