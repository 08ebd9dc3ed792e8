/**
 * Long runs of perturbed descent: noise and step size from the theory's time scales, time averages of Gram matrices.
 * The numbers are derived in docs/theory/limits.md#limit-noise.
 */
import { Matrix } from 'ml-matrix';
import { norm, penalties, singularValues, type Descent, type Factors, type Penalties } from '../../src/index.ts';
import { timesTransposed, transposedTimes } from '../../src/linear-algebra/matrices.ts';
import type { Design, Draft } from '../model/draft.ts';
import { targetOf } from './designs.ts';
import { matrix, startOf, type Grid, type Instance } from '../model/instance.ts';
import { Window } from '../oracles/linear-process.ts';
import { powerOfTwoAtMost, shortBinary, squaredSize } from '../oracles/scales.ts';

/** Perturbed descent from a start; `burnIn` steps to settle, then `steps - burnIn` to average over. */
export type LongRun = Instance & { burnIn: number };

export const longGrids = {
  A: { shape: ['d1', 'k'], unit: 1, max: 2 },
  B: { shape: ['d2', 'k'], unit: 1, max: 2 },
  X0: { shape: ['d1', 'r'], unit: 1, max: 2 },
  Y0: { shape: ['d2', 'r'], unit: 1, max: 2 },
} as const satisfies Design<unknown>['grids'];

/** `balance`: gamma, or 0 for equal noise on both factors; `lean`: the larger factor at the start. */
export const longPicks = {
  balance: [1, 0, 2, 1 / 2],
  share: [1 / 4, 1 / 8],
  lean: [0, 1, -1],
} as const;

/** Settling time in units of the slowest rate's time constant, averaging time in units of that of balancing. */
export const SETTLE = 10;
const AVERAGE = 16;

/** The target is not 0: there has to be something to factor. */
export const nonzero = (draft: Draft): boolean =>
  targetOf(draft)
    .flat()
    .some((entry) => entry !== 0);

export function longRun(draft: Draft): LongRun {
  const M = targetOf(draft);
  const s = singularValues(matrix(M));
  const s1 = s[0]!;
  const noise = clearNoise(M, s.slice(0, draft.size.r), draft.picks);
  const start = leaningStart(draft, s1);
  return { M, ...start, ...noise, ...schedule(matrix(M), s, startOf(start), noise), seed: draft.seed };
}

/**
 * The least distance of lambda from a singular value, as a share of s_1: nearer, the shrunk value fluctuates by its own
 * size.
 */
const CLEAR = 1 / 16;
/** Shares of the wanted lambda that are tried. */
const AROUND = [1, 4 / 5, 6 / 5, 2 / 3, 4 / 3, 1 / 2] as const;

/**
 * Scales with the drafted lambda, or one near it that is clear of the top r singular values; if no lambda is, the
 * clearest one.
 */
function clearNoise(M: Grid, s: readonly number[], picks: Draft['picks']): { sigma1: number; sigma2: number } {
  const distance = (noise: { sigma1: number; sigma2: number }): number => {
    const { lambda } = penalties(matrix(M), noise);
    return Math.min(...s.map((each) => Math.abs(each - lambda))) / s[0]!;
  };
  const tried = AROUND.map((share) => noiseFor(M, share * s[0]! * picks['share']!, picks['balance']!));
  const clearest = (): { sigma1: number; sigma2: number } =>
    tried.reduce((best, noise) => (distance(noise) > distance(best) ? noise : best));
  return tried.find((noise) => distance(noise) >= CLEAR) ?? clearest();
}

/** Scales with about this lambda and gamma, short enough to read. */
export function noiseFor(M: Grid, lambda: number, balance: number): { sigma1: number; sigma2: number } {
  const [d1, d2] = [M.length, M[0]!.length];
  const gamma = balance === 0 ? Math.sqrt(d1 / d2) : balance;
  return {
    sigma1: shortBinary(Math.sqrt((lambda * gamma) / d1)),
    sigma2: shortBinary(Math.sqrt(lambda / (gamma * d2))),
  };
}

/**
 * Even starts have factors of size sqrt(s1). A leaning one has 3 sqrt(s1) in one factor and the lattice's least in the
 * other: the factors' norms differ by up to a hundred times.
 */
function leaningStart({ grids, picks }: Draft, s1: number): { X0: Grid; Y0: Grid } {
  const lean = picks['lean']!;
  const least = 1 / 8;
  const fit = (name: string, wanted: number): Grid => {
    const grid = matrix(grids[name]!);
    const length = norm(grid);
    return length === 0 ? grids[name]! : grid.mul(Math.max(least, powerOfTwoAtMost(wanted / length))).to2DArray();
  };
  const [large, small] = [3 * Math.sqrt(s1), least];
  const even = Math.sqrt(s1);
  return {
    X0: fit('X0', lean === 0 ? even : lean > 0 ? large : small),
    Y0: fit('Y0', lean === 0 ? even : lean < 0 ? large : small),
  };
}

/** A triple within this share of s_1 of lambda does not matter: the tolerances grow by the same amount. */
const WEAK = 1 / 32;

/**
 * The slowest rate of the mean flow that matters: balancing, 4 alpha beta / (alpha + beta) for small lambda; for a
 * triple that is retained, or decays from a free column, the lower rate of its block
 * (docs/theory/limits.md#limit-noise); and, if a triple is omitted, its exchange for the weakest retained one, 2 (s_r -
 * s_{r+1}) / (gamma + 1/gamma).
 */
function slowestRate({ alpha, beta, gamma, lambda }: Penalties, s: readonly number[], r: number): number {
  const lower = (a: number, b: number, c: number): number => (a + b - Math.hypot(a - b, 2 * c)) / 2;
  const ofTriple = (each: number): number =>
    each > lambda ? lower(each / gamma, each * gamma, each - 2 * lambda) : 2 * lower(alpha, beta, each);
  const matters = s.slice(0, r).filter((each) => Math.abs(each - lambda) > WEAK * s[0]!);
  const slowest = Math.min(balancing({ alpha, beta }), ...matters.map(ofTriple));
  if ((s[r] ?? 0) === 0 || s[r - 1]! - lambda <= WEAK * s[0]!) return slowest;
  // Claims about the limit ask for a gap of at least s_1 / GAP; for balance alone the exchange does not matter.
  const gap = Math.max(s[r - 1]! - s[r]!, s[0]! / GAP);
  return Math.min(slowest, (2 * gap) / (gamma + 1 / gamma));
}

/** The rate of balancing at the limit, for small lambda. */
const balancing = ({ alpha, beta }: Pick<Penalties, 'alpha' | 'beta'>): number => (4 * alpha * beta) / (alpha + beta);

/** The least relative gap after s_r, as a fraction of s_1, for which the run decides which triples are retained. */
export const GAP = 8;

function schedule(
  target: Matrix,
  s: readonly number[],
  start: Factors,
  noise: { sigma1: number; sigma2: number },
): Pick<LongRun, 'eta' | 'burnIn' | 'steps'> {
  const penalty = penalties(target, noise);
  const { alpha, beta, lambda, gamma } = penalty;
  const [s1, r] = [s[0]!, start.X.columns];
  // Stability: the iterate's curvature, from the start to the limit, and the noise's own.
  const curvature = Math.max(squaredSize(start), s1 * (gamma + 1 / gamma)) + s1 + 4 * r * (alpha + beta);
  // Fluctuation: the standard deviation of the imbalance is about s sqrt(2 eta lambda (1/d1 + 1/d2)).
  const spread = lambda * (1 / target.rows + 1 / target.columns) * (gamma + 1 / gamma) ** 2;
  const eta = powerOfTwoAtMost(Math.min(1 / (4 * curvature), 1 / (64 * spread)));
  const burnIn = Math.ceil(SETTLE / (eta * slowestRate(penalty, s, r)));
  return { eta, burnIn, steps: burnIn + Math.ceil(AVERAGE / (eta * balancing(penalty))) };
}

/** About this many looks at the run make its time average. */
const LOOKS = 256;

/** The measured quantities of an iterate; added to the sums if given, because a run is measured hundreds of times. */
type Look<K extends string> = (at: Factors, sums?: Record<K, Matrix>) => Record<K, Matrix>;

/** The looks at a run that its time average is made of. */
export function looksAt({ burnIn, steps }: Pick<LongRun, 'burnIn' | 'steps'>): { looks: number; stride: number } {
  const stride = Math.max(1, Math.floor((steps - burnIn) / LOOKS));
  return { stride, looks: Math.floor((steps - burnIn) / stride) };
}

export function windowOf(run: Pick<LongRun, 'burnIn' | 'steps'>): Window {
  const { looks, stride } = looksAt(run);
  return new Window(looks, stride);
}

/** Runs to the end of the burn-in, then averages `look` of the iterate over the rest of the run. */
export function timeAverage<K extends string>(
  descent: Descent,
  { burnIn, steps }: LongRun,
  look: Look<K>,
): Record<K, Matrix> {
  descent.advance(burnIn);
  const { looks, stride } = looksAt({ burnIn, steps });
  descent.advance(stride);
  const sums = look(descent);
  for (let seen = 1; seen < looks; seen++) {
    descent.advance(stride);
    look(descent, sums);
  }
  for (const key of Object.keys(sums) as K[]) sums[key].mul(1 / looks);
  return sums;
}

/** X'X and Y'Y, r x r. */
export const grams: Look<'X' | 'Y'> = ({ X, Y }, sums) => ({
  X: transposedTimes(X, X, sums?.X),
  Y: transposedTimes(Y, Y, sums?.Y),
});

/** X X', Y Y' and X Y', which do not change when the factors are rotated. */
export const invariants: Look<'XX' | 'YY' | 'XY'> = ({ X, Y }, sums) => ({
  XX: timesTransposed(X, X, sums?.XX),
  YY: timesTransposed(Y, Y, sums?.YY),
  XY: timesTransposed(X, Y, sums?.XY),
});

/** A, added to the sum if it is given. */
export const added = (A: Matrix, sum?: Matrix): Matrix => sum?.add(A) ?? A;
