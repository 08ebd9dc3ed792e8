/**
 * `npm test` begins with the claims that a mistake in the solver breaks first, in a second or two: all others depend on them. If one
 * is refuted, the first is printed in full, those that fail with it are named, and the exit code is 1.
 */
import { existsSync } from 'node:fs';
import { InvalidInput } from '../../../src/index.ts';
import { claims } from '../../claims/registry.ts';
import { OURS } from '../../cli/evidence.ts';
import { EXIT } from '../../cli/exit.ts';
import { instanceCommand, refutationOf, replayOf } from '../../cli/refutation.ts';
import { verify, type VerifySettings } from '../../cli/verify.ts';
import { faultTexts } from '../../explain/faults.ts';
import { freshSeed } from '../../model/seeds.ts';
import type { Verdict } from '../../model/verdict.ts';

const { SOLVER, SEED } = process.env;
const facts = { solver: SOLVER ?? OURS, seed: SEED === undefined ? freshSeed() : Number(SEED) };
const fixed: VerifySettings = { seed: facts.seed, ...(SOLVER === undefined ? {} : { solver: SOLVER }) };

const isBad = ({ outcome }: Verdict): boolean => outcome === 'refuted' || outcome === 'fault';

const replay = (verdict: Verdict): string =>
  verdict.fault === undefined ? replayOf(verdict, facts) : instanceCommand(verdict.id, verdict.fault.replay, facts);

function print(verdict: Verdict): void {
  const text = verdict.fault === undefined ? refutationOf(verdict, facts) : faultTexts([verdict], replay)[0];
  process.stdout.write(`${text}\n`);
}

/** A random claim takes dozens of runs to be refuted: after a wrong step that says nothing more. */
const DECIDED_BY_ONE_RUN = claims.filter(({ random }) => random === undefined).map(({ id }) => id);

/** The rest of the run. */
const WAITING =
  SOLVER === undefined
    ? 'random claims, types, unit tests and coverage wait'
    : 'random claims and all further instances wait';

async function main(): Promise<number> {
  if (SOLVER !== undefined && !existsSync(SOLVER)) {
    throw new InvalidInput(`SOLVER is ${SOLVER}, which does not exist: give the path of a .js, .mjs or .ts file`);
  }
  // The definition of a step is printed as soon as it is judged.
  const isStep = ({ id }: Verdict): boolean => id.startsWith('definition/');
  const onVerdict = (verdict: Verdict): void => (isStep(verdict) && isBad(verdict) ? print(verdict) : undefined);
  const first = await verify({ ...fixed, claims: ['definition', 'contract'], instances: 20, onVerdict });
  const bad = first.verdicts.filter(isBad);
  const [root] = bad;
  if (root === undefined) return EXIT.holds;
  if (!isStep(root)) print(root);
  const rest = await verify({ ...fixed, claims: DECIDED_BY_ONE_RUN, instances: 3, shrink: false });
  const ids = new Set([...bad, ...rest.verdicts.filter(isBad)].map(({ id }) => id));
  const others = [...ids].filter((id) => id !== root.id);
  const hold = rest.verdicts.filter(({ outcome }) => outcome === 'holds').length;
  process.stdout.write(
    `REFUTED TOO  ${others.length} claims${others.length === 0 ? '' : `: ${others.join(', ')}`}.
Nothing else was run: ${WAITING} for a solver that takes the correct steps.
Read first ${root.id}. Its replay: ${replay(root)}
${hold} passed, ${others.length + 1} failed\n`,
  );
  return EXIT.refuted;
}

function reported(error: unknown): number {
  if (!(error instanceof InvalidInput)) throw error;
  process.stderr.write(`flat-minima: ${error.message}\n`);
  return EXIT.badUsage;
}

process.exitCode = await main().catch(reported);
