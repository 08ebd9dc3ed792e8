/** Whole numbers modulo a prime below 2^26.5: their products are below 2^53, so doubles hold them exactly. */
import { NoInverse, type Arithmetic } from './arithmetic.ts';

export class PrimeField implements Arithmetic<number> {
  readonly #p: number;
  readonly #reciprocal: number;
  readonly #inverses = new Map<number, number>();

  constructor(p: number) {
    this.#p = p;
    this.#reciprocal = 1 / p;
  }

  of(numerator: number, denominator = 1): number {
    const whole = this.#whole(numerator);
    return denominator === 1 ? whole : this.mul(whole, this.#inverseOf(denominator));
  }

  add(a: number, b: number): number {
    const sum = a + b;
    return sum < this.#p ? sum : sum - this.#p;
  }

  sub(a: number, b: number): number {
    const difference = a - b;
    return difference < 0 ? difference + this.#p : difference;
  }

  /** The quotient may be off by one, which the last line mends. */
  mul(a: number, b: number): number {
    const product = a * b;
    const rest = product - Math.floor(product * this.#reciprocal) * this.#p;
    return rest < 0 ? rest + this.#p : rest < this.#p ? rest : rest - this.#p;
  }

  /** a^(p - 2) */
  inverse(a: number): number {
    if (a === 0) throw new NoInverse();
    let [result, square] = [1, a];
    for (let rest = this.#p - 2; rest > 0; rest = Math.floor(rest / 2)) {
      if (rest % 2 === 1) result = this.mul(result, square);
      square = this.mul(square, square);
    }
    return result;
  }

  /** The inverse of a denominator; the same ones occur again and again. */
  #inverseOf(denominator: number): number {
    const known = this.#inverses.get(denominator) ?? this.inverse(this.#whole(denominator));
    this.#inverses.set(denominator, known);
    return known;
  }

  #whole(a: number): number {
    return a >= 0 && a < this.#p ? a : ((a % this.#p) + this.#p) % this.#p;
  }
}

/** Primes are drawn from this range, in which p^2 + p is below 2^53 ... */
export const LEAST_PRIME = 2 ** 26;
const END = 94_000_000;
/** ... and their number: pi(94000000) - pi(2^26) = 5435104 - 3957809. */
export const PRIMES = 1_477_295;

const smallPrimes: readonly number[] = primesBelow(2 ** 14);

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

/** A prime of the range, each with the same chance; `random` gives numbers from 0 to 1. */
export function drawPrime(random: () => number): number {
  for (;;) {
    const candidate = LEAST_PRIME + Math.floor(random() * (END - LEAST_PRIME));
    if (isPrime(candidate, smallPrimes)) return candidate;
  }
}
