/** Normal numbers that are drawn for several steps at once; in the end only those that the steps took are drawn. */
import { fillBetween } from './normals';
import { DRAWN, STATE } from './places';

/** The most bytes that are drawn for several steps: they stay in the nearest cache. */
const MOST: usize = 8192;

/** Addresses of the first and the last drawn number, and of the first that no step has taken. */
let begin: usize = 0;
let end: usize = 0;
let fresh: usize = 0;
/** The size of the numbers of a step. */
let bytes: usize = 0;
/** The state of the generator before the last drawing. */
let before: v128 = i64x2.splat(0);

/** Begins a run whose steps take `ofStep` bytes. If these are more than MOST, the numbers of one step are drawn to `own`. */
export function begun(ofStep: usize, own: usize): void {
  bytes = ofStep;
  begin = end = fresh = ofStep <= MOST ? DRAWN : own;
}

/** The address of the numbers of the next step; `left` steps are left. */
export function numbersOfStep(left: i32): usize {
  if (fresh === end) {
    const most = begin === DRAWN ? MOST / bytes : 1;
    before = v128.load(STATE);
    fresh = begin;
    end = begin + min(most, left as usize) * bytes;
    fillBetween(begin, end);
  }
  const numbers = fresh;
  fresh += bytes;
  return numbers;
}

/** The state becomes that after the numbers that steps have taken. */
export function giveBackRest(): void {
  if (fresh === end) return;
  v128.store(STATE, before);
  fillBetween(begin, fresh);
}
