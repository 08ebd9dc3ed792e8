/** Whole numbers modulo a prime below 2^26: their products are below 2^52, so doubles hold them exactly. */
import { NoInverse, type Arithmetic } from './arithmetic.ts';

export function primeField(p: number): Arithmetic<number> {
  const reciprocal = 1 / p;
  /** Of a whole number from 0 to p^2. The quotient may be off by one, which the last lines mend. */
  const reduced = (a: number): number => {
    const rest = a - Math.floor(a * reciprocal) * p;
    return rest < 0 ? rest + p : rest < p ? rest : rest - p;
  };
  const mul = (a: number, b: number): number => reduced(a * b);
  const inverse = (a: number): number => {
    if (a === 0) throw new NoInverse();
    return power(a, p - 2, mul);
  };
  const whole = (a: number): number => (a >= 0 && a < p ? a : ((a % p) + p) % p);
  const inverses = new Map<number, number>();
  const inverseOf = (denominator: number): number => {
    const known = inverses.get(denominator) ?? inverse(whole(denominator));
    inverses.set(denominator, known);
    return known;
  };
  return {
    of: (numerator, denominator = 1) =>
      denominator === 1 ? whole(numerator) : mul(whole(numerator), inverseOf(denominator)),
    add: (a, b) => (a + b < p ? a + b : a + b - p),
    sub: (a, b) => (a < b ? a - b + p : a - b),
    mul,
    inverse,
  };
}

function power(base: number, exponent: number, mul: (a: number, b: number) => number): number {
  let [result, square] = [1, base];
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = mul(result, square);
    square = mul(square, square);
  }
  return result;
}

/** Primes are drawn from 2^25 to 2^26 ... */
export const LEAST_PRIME = 2 ** 25;
/** ... where there are pi(2^26) - pi(2^25) = 3957809 - 2063689 of them. */
export const PRIMES = 1_894_120;

const smallPrimes: readonly number[] = primesBelow(2 ** 13);

function primesBelow(limit: number): number[] {
  const found: number[] = [];
  for (let n = 2; n < limit; n++) if (isPrime(n, found)) found.push(n);
  return found;
}

function isPrime(n: number, primes: readonly number[]): boolean {
  for (const prime of primes) {
    if (prime * prime > n) return true;
    if (n % prime === 0) return false;
  }
  return true;
}

/** A prime from 2^25 to 2^26, each with the same chance; `random` gives numbers from 0 to 1. */
export function drawPrime(random: () => number): number {
  for (;;) {
    const candidate = LEAST_PRIME + Math.floor(random() * LEAST_PRIME);
    if (isPrime(candidate, smallPrimes)) return candidate;
  }
}
