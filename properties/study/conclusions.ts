/** The conclusions of a study, in a few plain sentences. A sentence follows from whole intervals only. */
import type { Interval } from './intervals.ts';
import { agreement, type Quantity } from './quantity.ts';

export const DIVERGES = 'Every run diverges: choose a smaller --step.';

/** The imbalance counts as conserved if at most this share of it is lost. */
const CONSERVED = 1 / 20;

/** `step` is eta s_1. */
export function conclusions(quantities: readonly Quantity[], step: number): string[] {
  const of = (id: string): Quantity[] => quantities.filter((each) => each.id === id);
  if (of('stability/diverged').length > 0 && of('stability/diverged').every(({ estimate }) => estimate === 1)) {
    return [DIVERGES];
  }
  return [balanceSentence(of, step), limitSentence(of), likeness(quantities)].filter((sentence) => sentence !== '');
}

type Of = (id: string) => readonly Quantity[];

function balanceSentence(of: Of, step: number): string {
  const [lost, exponents, gammas] = [of('balance/lost'), of('balance/exponent'), of('balance/gamma')];
  if (lost.length === 0) return '';
  const all = (test: (each: Interval) => boolean): boolean => lost.every(test);
  const largest = (those: readonly Interval[]): number =>
    Math.max(...those.map(({ lower, upper }) => Math.max(Math.abs(lower), Math.abs(upper))));
  if (all(({ lower, upper }) => upper < CONSERVED && lower > -CONSERVED)) {
    return `Conserves the imbalance X'X - Y'Y: it loses at most ${percent(largest(lost))} of it while perturbed descent would lose 63 %, and at most ${roundedUp(largest(of('balance/rate')) / step ** 2)} (eta s_1)^2 of it per step.`;
  }
  if (all(({ upper }) => upper < -CONSERVED)) return "Drives X'X and Y'Y apart.";
  if (!all(({ lower }) => lower > 0)) return "Whether it balances X'X and Y'Y is undecided.";
  return `Balances X'X and Y'Y${toGamma(gammas)}${atRate(exponents, of('noise/any'))}.`;
}

/** Rounded up to two digits, so that it is still a bound. */
function roundedUp(value: number): number {
  if (value === 0) return 0;
  const digit = 10 ** (Math.floor(Math.log10(value)) - 1);
  return Number((Math.ceil(value / digit) * digit).toPrecision(2));
}

function toGamma(gammas: readonly Quantity[]): string {
  const decided = gammas.filter(({ needs }) => needs === undefined);
  if (decided.length === 0) return '';
  // One value within a tenth, which terms of higher order in the step size come to: the least interval that holds all.
  const [lower, upper] = [
    Math.min(...decided.map((each) => each.lower)),
    Math.max(...decided.map((each) => each.upper)),
  ];
  const all = { estimate: (lower + upper) / 2, lower, upper };
  const single = decided.map((each) => `${pm(each)} (${each.problem})`).join(', ');
  return ` to |X| / |Y| = ${width(all) <= ONE_VALUE * all.estimate ? pm(all) : single}`;
}

const ONE_VALUE = 1 / 10;

function atRate(exponents: readonly Quantity[], random: readonly Quantity[]): string {
  const decided = exponents.filter(({ needs }) => needs === undefined);
  if (decided.length === 0) return '';
  // All intervals hold at once: the narrowest says most.
  const best = decided.reduce((one, other) => (width(one) <= width(other) ? one : other));
  const meets = (p: number): boolean => decided.every(({ lower, upper }) => lower <= p + SLOPE && upper >= p - SLOPE);
  return ` at a rate proportional to eta^(${pm(best)})${likeText(meets(1), meets(2), random)}`;
}

/** Names the algorithm of the theory that balances at such a rate; empty if the exponent does not decide it. */
function likeText(first: boolean, second: boolean, random: readonly Quantity[]): string {
  if (first === second || random.length === 0) return '';
  const [noisy, still] = [random.every(({ lower }) => lower > 1 / 2), random.every(({ upper }) => upper < 1 / 2)];
  if (noisy) return first ? ', like perturbed descent' : ', like label noise and unlike perturbed descent';
  return still && first ? ', like sharpness-aware minimisation' : '';
}

/** The allowed difference of an exponent between two finite step sizes from its limit. */
const SLOPE = 5 / 32;

function limitSentence(of: Of): string {
  const memory = memoryText(of('memory/further'), of('memory/between'), of('memory/within'));
  const flat = of('flatness/sharpness').filter(({ needs }) => needs === undefined);
  const most = Math.max(...flat.map(({ upper }) => upper));
  const flatness =
    flat.length === 0
      ? ''
      : `its minimum has at most ${most.toFixed(2)} times the least possible largest eigenvalue of the Hessian`;
  const text = [memory, flatness].filter((part) => part !== '').join('; ');
  return text === '' ? '' : `${text}.`;
}

function memoryText(further: readonly Quantity[], between: readonly Quantity[], within: readonly Quantity[]): string {
  const decided = further.filter(({ needs }) => needs === undefined);
  if (further.length === 0) return '';
  if (decided.length === 0) return 'Whether its limit depends on the start is undecided';
  const apart = Math.max(...between.map(({ upper }) => upper));
  if (decided.every(({ lower }) => lower > 1 / 2)) {
    return apart < NEAR ? `Limits differ by at most ${percent(apart)} between starts` : 'Remembers its start';
  }
  const scatter = Math.max(...within.map(({ upper }) => upper));
  return decided.every(({ lower, upper }) => lower <= 1 / 2 && upper >= 1 / 2)
    ? `Does not depend on its start: limits scatter by at most ${percent(scatter)}, from one start as from two`
    : 'Depends on its start in part';
}

/** Limits so near to each other are one for all purposes. */
const NEAR = 1 / 50;

function likeness(quantities: readonly Quantity[]): string {
  const [gd, perturbed] = [agreement(quantities, 'gd'), agreement(quantities, 'perturbed')];
  return gd.of + perturbed.of === 0
    ? ''
    : `It agrees with ${gd.meets} of ${gd.of} predictions for gradient descent and with ${perturbed.meets} of ${perturbed.of} for perturbed gradient descent.`;
}

const width = ({ lower, upper }: Interval): number => upper - lower;

/** "1.02 +- 0.03". */
const pm = ({ estimate, lower, upper }: Interval): string =>
  `${estimate.toFixed(2)} +- ${(Math.ceil(100 * Math.max(estimate - lower, upper - estimate)) / 100).toFixed(2)}`;

const percent = (share: number): string => `${Number((100 * share).toPrecision(2))} %`;
