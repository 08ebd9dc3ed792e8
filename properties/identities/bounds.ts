/**
 * Bounds on a rational function in place of its values: its degree, and the size of its whole coefficients. The chance that a
 * false identity passes at a random point modulo a random prime follows from them.
 */
import type { Arithmetic } from './arithmetic.ts';

/** A polynomial with whole coefficients: its degree, and log2 of the sum of the sizes of its coefficients. */
interface Factor {
  readonly degree: number;
  readonly bits: number;
}

/** Bounds on a function N / D, with D a product of powers of factors. */
export interface Bound {
  /** At least the total degree of N in the variables; -Infinity for 0. */
  readonly degree: number;
  /** At least the total degree of N in the numbers of the noise that are looked at. */
  readonly noise: number;
  /** At least log2 of the sum of the absolute values of N's coefficients. */
  readonly bits: number;
  /** The powers of the factors of D. */
  readonly under: ReadonlyMap<Factor, number>;
}

const NOTHING: ReadonlyMap<Factor, number> = new Map();
const ZERO: Bound = { degree: -Infinity, noise: 0, bits: -Infinity, under: NOTHING };

/** A variable, and one of the numbers of the noise. */
export const VARIABLE: Bound = { degree: 1, noise: 0, bits: 0, under: NOTHING };
export const NOISE: Bound = { degree: 0, noise: 1, bits: 0, under: NOTHING };

/** log2(2^a + 2^b) */
const sumOfBits = (a: number, b: number): number => Math.max(a, b) + Math.log2(1 + 2 ** -Math.abs(a - b));

/** The bounds of one run over the text of an identity, with all factors that stood in a denominator. */
export class Bounds implements Arithmetic<Bound> {
  readonly factors: Factor[] = [];
  readonly #ofWhole = new Map<number, Factor>();

  of(numerator: number, denominator = 1): Bound {
    if (numerator === 0) return ZERO;
    const under = denominator === 1 ? NOTHING : new Map([[this.#whole(denominator), 1]]);
    return { degree: 0, noise: 0, bits: Math.log2(Math.abs(numerator)), under };
  }

  add(a: Bound, b: Bound): Bound {
    if (a.bits === -Infinity) return b;
    if (b.bits === -Infinity) return a;
    if (a.under === b.under) {
      const bits = sumOfBits(a.bits, b.bits);
      return { degree: Math.max(a.degree, b.degree), noise: Math.max(a.noise, b.noise), bits, under: a.under };
    }
    const under = new Map(a.under);
    for (const [factor, power] of b.under) under.set(factor, Math.max(power, under.get(factor) ?? 0));
    return this.add(over(a, under), over(b, under));
  }

  // Over the integers a difference is bounded as a sum is.
  sub(a: Bound, b: Bound): Bound {
    return this.add(a, b);
  }

  mul(a: Bound, b: Bound): Bound {
    if (a.bits === -Infinity || b.bits === -Infinity) return ZERO;
    return {
      degree: a.degree + b.degree,
      noise: a.noise + b.noise,
      bits: a.bits + b.bits,
      under: b.under.size === 0 ? a.under : a.under.size === 0 ? b.under : productOf(a.under, b.under),
    };
  }

  inverse({ degree, noise, bits, under }: Bound): Bound {
    if (noise > 0)
      throw new Error('an average over the noise is exact for polynomials only, and this divides by noise');
    let result = this.fraction({ degree: 0, bits: 0 }, { degree, bits });
    for (const [each, power] of under) result = times(result, each, power);
    return result;
  }

  /** A quotient of polynomials with these bounds. */
  fraction(numerator: Factor, denominator: Factor): Bound {
    this.factors.push(denominator);
    return { ...numerator, noise: 0, under: new Map([[denominator, 1]]) };
  }

  #whole(denominator: number): Factor {
    const known = this.#ofWhole.get(denominator);
    if (known !== undefined) return known;
    const factor = { degree: 0, bits: Math.log2(denominator) };
    this.#ofWhole.set(denominator, factor);
    return factor;
  }
}

const times = (a: Bound, factor: Factor, power: number): Bound => ({
  ...a,
  degree: a.degree + power * factor.degree,
  bits: a.bits + power * factor.bits,
});

/** The same function over a common denominator. */
function over({ degree, noise, bits, under: own }: Bound, under: ReadonlyMap<Factor, number>): Bound {
  let [ofN, bitsOfN] = [degree, bits];
  for (const [factor, power] of under) {
    const missing = power - (own.get(factor) ?? 0);
    ofN += missing * factor.degree;
    bitsOfN += missing * factor.bits;
  }
  return { degree: ofN, noise, bits: bitsOfN, under };
}

function productOf(a: ReadonlyMap<Factor, number>, b: ReadonlyMap<Factor, number>): ReadonlyMap<Factor, number> {
  const product = new Map(a);
  for (const [factor, power] of b) product.set(factor, power + (product.get(factor) ?? 0));
  return product;
}
