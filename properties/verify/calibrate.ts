/** `verify -- --calibrate`: the error rates of the claims, measured and laid out as docs/calibration.md. */
import {
  alarms,
  contradicts,
  crossings,
  DOUBT,
  implausibleCounts,
  misses,
  throughout,
  VISIBLE,
  type Rate,
} from '../judging/calibration.ts';
import { BUDGET, SUITE } from '../judging/errors.ts';
import { markdownTable } from '../markdown.ts';
import type { Outcome } from '../judging/verdict.ts';
import type { Meter } from './meter.ts';
import { claimOf } from '../registry.ts';

export interface Calibration {
  readonly seed: number;
  readonly instances: number;
  readonly claims: readonly Calibrated[];
  readonly blocks: readonly Block[];
}

interface Calibrated {
  readonly id: string;
  readonly alarms: ReturnType<typeof alarms>;
  /** Of a claim that declares a violation. */
  readonly misses?: Rate;
}

interface Block {
  readonly text: string;
  readonly rate: Rate;
}

/** Measures every claim of the ids that random numbers decide. */
export function calibration(
  ids: readonly string[],
  { seed, instances }: { seed: number; instances: number },
  meter: Meter,
): Calibration {
  const random = ids.map((id) => claimOf(id)!).filter(({ errors }) => errors !== undefined);
  const measured = random.map((claim, i) => {
    meter.at(i / random.length, claim.id);
    const at = alarms(claim, seed, instances);
    const missed = claim.errors!.detects === undefined ? {} : { misses: misses(claim, seed, instances) };
    meter.line(`[${i + 1}/${random.length}] ${claim.id}`);
    return { id: claim.id, alarms: at, ...missed };
  });
  const blocks = [
    { text: 'the sum of tr m is beyond the self-normalised bound', rate: crossings(seed, instances) },
    { text: 'a count of runs that diverge is not plausible', rate: implausibleCounts(seed, instances) },
  ];
  return { seed, instances, claims: measured, blocks };
}

/** What the measurements rule out of the declarations, and what they are too few to show. */
export function findings({ claims, blocks }: Calibration): { refuted: string[]; undecided: string[] } {
  const measured = [
    ...claims.map(({ id, alarms: { hits, trials } }) => {
      const outcome = contradicts({ hits, trials }, claimOf(id)!.errors!.alpha) ? 'refuted' : 'holds';
      return { outcome, text: `${id} was wrong on ${hits} of ${trials} instances` };
    }),
    ...claims.flatMap(({ id, misses: missed }) => {
      if (missed === undefined) return [];
      const runs = { atLeast: throughout(missed.atLeast), atMost: throughout(missed.atMost) };
      const outcome = against(runs, claimOf(id)!.errors!.beta!);
      return [{ outcome, text: `${id} misses its violation with a chance of up to ${short(runs.atMost)} a run` }];
    }),
    ...blocks.map(({ text, rate }) => ({
      outcome: against(rate, VISIBLE),
      text: `${text}, in ${rate.hits} of ${rate.trials} trials`,
    })),
  ];
  const those = (wanted: string): string[] =>
    measured.filter(({ outcome }) => outcome === wanted).map(({ text }) => text);
  return {
    refuted: those('refuted').map((text) => `refuted: ${text}`),
    undecided: those('undecided').map((text) => `undecided: ${text}; more instances would decide it`),
  };
}

/** What the plausible chances say of a declared one. */
function against({ atLeast, atMost }: Pick<Rate, 'atLeast' | 'atMost'>, declared: number): Outcome {
  if (atLeast > declared) return 'refuted';
  return atMost > declared ? 'undecided' : 'holds';
}

/** The whole of docs/calibration.md. */
export function calibrationText({ seed, instances, claims, blocks }: Calibration): string {
  return `${[
    '# The errors of the judge',
    `Written by \`npm run verify -- --calibrate --instances ${instances} --seed ${seed}\`.`,
    INTRODUCTION,
    '## False alarms',
    AT_THE_NULL,
    markdownTable(
      ['claim', 'alpha', 'it rests on', 'instances', 'alarms', 'rate at most', 'least slack'],
      nullRows(claims),
    ),
    '## Misses',
    AT_THE_VIOLATION,
    markdownTable(
      ['claim', 'violation', 'instances', 'caught', 'beta', 'measured beta at most'],
      violationRows(claims),
    ),
    '## Building blocks',
    BLOCKS,
    markdownTable(['event', 'declared', 'trials', 'seen', 'rate at most'], blocks.map(blockRow)),
  ].join('\n\n')}\n`;
}

const INTRODUCTION = `Claims that random numbers decide can be wrong in two ways. A right solver is refuted on an instance with a chance of at most
alpha; over ${SUITE} instances of every claim, and with the chance that labels are taken for too rare, that adds up to at most
${BUDGET.toExponential()}, which the registry insists on. A solver that is wrong by no more than the stated violation is missed by a whole run
with a chance of at most beta. All other claims compare numbers up to rounding and have neither error. Bounds on what is measured
here are wrong with a chance of ${100 * DOUBT} % each (Clopper and Pearson). The twins that drop a hypothesis are outside of this ledger: they
only have to be refuted once in ${SUITE} instances.`;

const AT_THE_NULL = `Our solver, each instance judged on its own. No simulation sees a chance of 1e-10: what it can show is that nothing is wrong by
orders of magnitude, and by the least slack (1 is equality, 0 the tolerance) how far the worst instance kept from an alarm. Alpha
itself is derived: an _exact bound_ holds as it stands, one of _leading order_ holds for small steps and for averages that are
nearly normal, with the margin that is said beside the claim. A false form is in the wrong on an instance where it holds, and
in a run if it holds throughout.`;

const AT_THE_VIOLATION = `The same instances with the solver that is wrong as stated. Instances are independent, so a run misses the violation with
the ${SUITE}th power of the chance that an instance does.`;

const BLOCKS = `The same statistics as in the claims, but with a chance that a simulation sees. Both are inequalities, so that fewer are seen
than declared. The tails of binomial counts and the limit for labels are compared with exact ones by
\`properties/tests/calibration.test.ts\`.`;

const short = (value: number): string =>
  value !== 0 && value < 1e-3 ? value.toExponential(1).replace('.0', '') : String(Number(value.toPrecision(2)));

const nullRows = (claims: Calibration['claims']): string[][] =>
  claims.map(({ id, alarms: { trials, hits, atMost, leastSlack } }) => {
    const { errors, expected } = claimOf(id)!;
    const slack = expected === undefined ? short(leastSlack) : '';
    return [id, short(errors!.alpha), errors!.basis, String(trials), String(hits), short(atMost), slack];
  });

const violationRows = (claims: Calibration['claims']): string[][] =>
  claims.flatMap(({ id, misses: missed }) => {
    if (missed === undefined) return [];
    const { detects, beta } = claimOf(id)!.errors!;
    const { trials, hits } = missed;
    return [[id, detects!.text, String(trials), String(trials - hits), short(beta!), short(throughout(missed.atMost))]];
  });

const blockRow = ({ text, rate: { trials, hits, atMost } }: Block): string[] => [
  text,
  String(VISIBLE),
  String(trials),
  String(hits),
  short(atMost),
];
