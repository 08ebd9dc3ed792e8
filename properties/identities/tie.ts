/**
 * That an identity is the claim's: its text in doubles, on an instance of the claim, against both sides as the claim's check
 * computes them, within the tolerance of the claim and the rounding of the text.
 */
import { Matrix } from 'ml-matrix';
import type { Solver } from '../../src/index.ts';
import type { Claim, Comparison, Side } from '../model/claim.ts';
import type { Instance } from '../model/instance.ts';
import { referenceDescent } from '../oracles/reference-descent.ts';
import type { Rows } from './algebra.ts';
import { shapeOf, type Identity, type Shape, type Sides } from './identity.ts';
import type { Rounded } from './rounded.ts';
import { GivenPoint, type Equation } from './setting.ts';

/** One side of a claim on an instance, and the side of the identity that is nearest to it among those whose name begins its own. */
export interface Closeness {
  readonly what: string;
  /** The larger of the distances of the two sides, as a share of the allowed rounding. */
  readonly off: number;
}

/** The distance of the identity from the claim on the instance; undefined if the claim compared other sides there. */
export function compared(identity: Identity, claim: Claim, instance: Instance): Closeness | undefined {
  const seen = identity.seen?.(instance) ?? instance;
  const values = identity.on(seen);
  if (values === undefined) return undefined;
  const shape = (identity.shapeOn ?? shapeOf)(seen);
  if (!isProved(identity, shape)) return undefined;
  const { what, lhs, rhs, tolerance } = theirs(identity, claim, seen);
  const equations = identity.text(new GivenPoint(values), shape).filter((equation) => what.startsWith(equation.what));
  if (equations.length === 0) return undefined;
  const distance = (equation: Equation<Rounded>): number =>
    Math.max(apart(equation.lhs, lhs, tolerance), apart(equation.rhs, rhs, tolerance));
  return { what, off: Math.min(...equations.map(distance)) };
}

const isProved = ({ shapes }: Identity, { d1, d2, r, k }: Shape): boolean =>
  shapes.all.some((each) => each.d1 === d1 && each.d2 === d2 && each.r === r && each.k === k);

/**
 * The reference with another rounding of X. By itself it agrees with the formula, and with its transpose, to the last bit, and the
 * check then returns the start of the run, which is exact for every solver.
 */
const roundedOtherwise: Solver = (options) => {
  const descent = referenceDescent(options);
  let factor = 1;
  return {
    get X() {
      return descent.X.mul(factor);
    },
    get Y() {
      return descent.Y;
    },
    advance(steps) {
      descent.advance(steps);
      if (steps > 0) factor = 1 + 2 ** -52;
    },
  };
};

function theirs(identity: Identity, claim: Claim, instance: Instance): Sides {
  const check = (): Comparison => claim.check(roundedOtherwise, instance);
  return identity.theirs === undefined ? check() : identity.theirs(instance, check);
}

/** The distance of a side of the identity from that of the claim, as a share of the claim's tolerance and our rounding. */
function apart(ours: Rows<Rounded>, theirs: Side, tolerance: number): number {
  const other = typeof theirs === 'number' ? new Matrix([[theirs]]) : theirs;
  if (other.rows !== ours.length || other.columns !== ours[0]!.length) return Infinity;
  let [distance, rounding] = [0, 0];
  ours.forEach((row, i) =>
    row.forEach(({ value, error }, j) => {
      distance += (value - other.get(i, j)) ** 2;
      rounding += error ** 2;
    }),
  );
  return distance === 0 ? 0 : Math.sqrt(distance) / (tolerance + Math.sqrt(rounding));
}
