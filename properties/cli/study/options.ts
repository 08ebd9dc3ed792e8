/** The command line of `study`. */
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { commandLine, documentPath } from '../../model/place.ts';
import { PRECISIONS, roundoffNamed } from '../../model/precision.ts';
import { freshSeed } from '../../model/seeds.ts';
import { readTarget, type GivenTarget } from '../target.ts';
import { BadUsage, existing, whole } from '../usage.ts';
import { STEP } from '../../study/problems.ts';

/** One optimiser. */
export interface Optimiser {
  /** As the user gave it. */
  readonly name: string;
  /** The module, in full; absent for a program, and for our solver. */
  readonly path?: string;
  /** A program that solves. */
  readonly command?: string;
}

export interface StudyOptions {
  readonly optimiser: Optimiser;
  /** A second one, for comparison. */
  readonly against?: Optimiser;
  readonly target?: GivenTarget;
  readonly roundoff?: number;
  /** For each optimiser. */
  readonly minutes: number;
  readonly units?: number;
  readonly seed: number;
  /** eta s_1. */
  readonly step: number;
  /** Whether the claims are judged. */
  readonly claims: boolean;
  /** Seconds for one call into the optimiser. */
  readonly timeout: number;
  readonly json?: string;
  readonly out: string;
}

export const HELP = `Usage: ${commandLine('study')} [options]

Measures the behaviour of an optimiser on matrix factorisation: stability, balance, memory of the start, limit, flatness, escape, noise.
It refutes nothing. All intervals hold together with probability 95 %. Exit codes: 0 measured, 2 bad usage, 70 internal error.

  --solver <file>       the default export of a .js, .mjs or .ts module (default: our perturbed gradient descent)
  --solver-command <c>  a program in any language that implements ${documentPath('protocol.md')}
  --against <file>      a second optimiser, to be compared
  --target <file>       study it on the matrix in this file, with --rank <r> of the factors (${documentPath('targets.md')});
                        also --array, --columns, --drop-rows-with-missing
  --step <h>            step size times the largest singular value of the target (default 1/16 = 0.0625)
  --precision <p>       precision of the optimiser, if not double: float32, float16, bfloat16, or a unit roundoff
  --minutes <N>         time for each optimiser (default 1)
  --units <N>           independent units of each experiment instead: then the same seed gives the same study
  --seed <S>            a whole number (default: fresh)
  --no-claims           do not judge the claims of the theory
  --timeout <S>         seconds for one call into the optimiser (default 30)
  --json <file>         write the study to this file as well
  --out <folder>        where study.json and index.html go (default coverage/study)
  --help                show this text`;

const FLAGS = {
  solver: { type: 'string' },
  'solver-command': { type: 'string' },
  against: { type: 'string' },
  target: { type: 'string' },
  rank: { type: 'string' },
  array: { type: 'string' },
  columns: { type: 'string' },
  'drop-rows-with-missing': { type: 'boolean' },
  step: { type: 'string' },
  precision: { type: 'string' },
  minutes: { type: 'string' },
  units: { type: 'string' },
  seed: { type: 'string' },
  'no-claims': { type: 'boolean' },
  timeout: { type: 'string' },
  json: { type: 'string' },
  out: { type: 'string' },
  help: { type: 'boolean' },
} as const;

type FlagValues = ReturnType<typeof parseArgs<{ options: typeof FLAGS }>>['values'];

/** Throws `BadUsage`. */
export function readOptions(args: readonly string[]): StudyOptions | 'help' {
  const values = parse(args);
  if (values.help === true) return 'help';
  const target = readTarget(values);
  return {
    optimiser: optimiserIn(values),
    ...(values.against === undefined ? {} : { against: module('--against', values.against) }),
    ...(target === undefined ? {} : { target }),
    ...(values.precision === undefined ? {} : { roundoff: precisionIn(values.precision) }),
    minutes: between('--minutes', values.minutes ?? '1', 0, 1e5),
    ...(values.units === undefined ? {} : { units: whole('--units', values.units, 1, 100_000) }),
    seed: values.seed === undefined ? freshSeed() : whole('--seed', values.seed, 0, 2 ** 31 - 1),
    step: between('--step', values.step ?? String(STEP), 0, 1),
    claims: values['no-claims'] !== true,
    timeout: between('--timeout', values.timeout ?? '30', 0, 1e6),
    ...(values.json === undefined ? {} : { json: resolve(values.json) }),
    out: values.out ?? join('coverage', 'study'),
  };
}

function parse(args: readonly string[]): FlagValues {
  try {
    return parseArgs({ args: [...args], options: FLAGS, allowPositionals: false }).values;
  } catch (error) {
    const [message] = (error as Error).message.split(/\. |\.?\n/);
    throw new BadUsage(`${message}: see ${commandLine('study')} --help`);
  }
}

function optimiserIn({ solver, 'solver-command': command }: FlagValues): Optimiser {
  if (command === undefined) return solver === undefined ? { name: 'flat-minima' } : module('--solver', solver);
  if (solver !== undefined)
    throw new BadUsage(`--solver ${solver} and --solver-command ${command} were both given: give one of them`);
  if (command.trim() === '')
    throw new BadUsage('--solver-command is empty: give a command such as "python3 solver.py"');
  return { name: command, command };
}

const module = (flag: string, file: string): Optimiser => ({ name: file, path: existing(flag, file) });

function precisionIn(text: string): number {
  const roundoff = roundoffNamed(text);
  if (roundoff === undefined) throw new BadUsage(`--precision is ${text}, which is unknown: give ${PRECISIONS}`);
  return roundoff;
}

/** Above the first and at most the second. */
function between(name: string, text: string, above: number, most: number): number {
  const value = Number(text);
  if (text.trim() !== '' && value > above && value <= most) return value;
  throw new BadUsage(`${name} is ${text}: give a number above ${above} and at most ${most}`);
}
