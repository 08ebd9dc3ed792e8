/**
 * Constants and accesses that the loops share. The loops are those of kernel.ts two numbers at a time, in
 * AssemblyScript; plain.ts is the reference, also for the order of all sums. `npm run build` compiles them into
 * module.ts. Matrices come as the index of their first number and are walked by addresses. Several sums are in local
 * variables, so that each number that is loaded is used more than once.
 */
import { NUMBERS } from './places';

/** Bytes of a number, and of 4 rows of a column of a panel. */
export const NUMBER: usize = 8;
export const BLOCK: usize = 32;

export function address(index: i32): usize {
  return NUMBERS + bytes(index);
}

export function bytes(count: i32): usize {
  return (count as usize) * NUMBER;
}

export function sum(pair: v128): f64 {
  return f64x2.extract_lane(pair, 0) + f64x2.extract_lane(pair, 1);
}

/** Two numbers that are not neighbours. */
export function pair(first: usize, second: usize): v128 {
  return v128.load64_lane(second, v128.load64_zero(first), 1);
}
