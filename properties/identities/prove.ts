/** Proofs by Schwartz and Zippel: an identity that holds at random points modulo random primes (docs/theory/verdicts.md#proved-identities). */
import seedrandom from 'seedrandom';
import { proofSeed } from '../model/seeds.ts';
import { NoInverse } from './arithmetic.ts';
import type { Bound } from './bounds.ts';
import type { Identity, Shape } from './identity.ts';
import { drawPrime, LEAST_PRIME, PrimeField, PRIMES } from './prime-field.ts';
import { FormalPoint, RandomPoint, type Equation } from './setting.ts';

/** A false identity passes for all its shapes together with a chance below this. */
export const ERROR = 1e-18;

/** The plan of the proof for one shape. */
export interface Plan {
  readonly shape: Shape;
  /** The chance that it passes at one point if it is false. */
  readonly chance: number;
  readonly points: number;
}

export const plansOf = (identity: Identity): Plan[] =>
  identity.shapes.all.map((shape) => {
    const chance = chanceAtOnePoint(identity, shape);
    const allowed = Math.log(ERROR / identity.shapes.all.length);
    return { shape, chance, points: Math.floor(allowed / Math.log(chance)) + 1 };
  });

/**
 * The chance that N, the numerator of the difference, is 0 modulo the prime or at the point, among all points at which
 * nothing is divided by 0. A whole number of b bits has at most b / 26 prime factors above 2^26.
 */
function chanceAtOnePoint(identity: Identity, shape: Shape): number {
  const formal = new FormalPoint();
  const equations = identity.text(formal, shape);
  const entries = equations.flatMap(({ lhs, rhs }) => formal.plus(lhs, rhs).flat());
  const outside = formal.bounds.factors.reduce((sum, factor) => sum + vanishing(factor), 0);
  return Math.max(...entries.map(vanishing)) / (1 - outside);
}

const vanishing = ({ degree, bits }: Pick<Bound, 'degree' | 'bits'>): number => {
  // The logarithms are rounded.
  const divisors = Math.floor(Math.max(0, bits) / Math.log2(LEAST_PRIME) + 1e-9);
  return Math.max(0, degree) / LEAST_PRIME + divisors / PRIMES;
};

/** A point at which an equation fails. */
export interface Counterexample {
  readonly shape: Shape;
  readonly what: string;
  readonly prime: number;
}

/** Looks for a counterexample at the number of points of the plans: if none is found, the identity is proved. */
export function refute(identity: Identity, seed: number, plans = plansOf(identity)): Counterexample | undefined {
  for (const { shape, points } of plans) {
    for (let point = 0; point < points; point++) {
      const { prime, equations } = evaluated(identity, shape, proofSeed(seed, identity.claim, shape, point));
      const failed = equations.find((equation) => !holds(equation));
      if (failed !== undefined) return { shape, what: failed.what, prime };
    }
  }
  return undefined;
}

/** At a random point modulo a random prime; both are drawn again if something is divided by 0 there. */
function evaluated(identity: Identity, shape: Shape, seed: string) {
  const random = seedrandom(seed);
  for (;;) {
    const prime = drawPrime(random);
    const at = new RandomPoint(new PrimeField(prime), () => Math.floor(random() * prime));
    try {
      return { prime, equations: identity.text(at, shape) };
    } catch (error) {
      if (!(error instanceof NoInverse)) throw error;
    }
  }
}

const holds = ({ lhs, rhs }: Equation<number>): boolean =>
  lhs.every((row, i) => row.every((entry, j) => entry === rhs[i]![j]!));
