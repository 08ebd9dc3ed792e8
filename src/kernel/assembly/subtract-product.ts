/** The move of an iterate by a panel times coefficients. */
import { address, BLOCK, bytes, pair, sum } from './numbers';

/** 4 rows by up to 4 columns at a time. */
export function subtractProduct(
  at: i32,
  panel: i32,
  rows: i32,
  width: i32,
  coefficients: i32,
  rank: i32,
  stepSize: f64,
): i32 {
  const row = bytes(rank);
  const block = (width as usize) * BLOCK;
  const eta = f64x2.splat(stepSize);
  // From the last column to the first, as plain.ts says.
  const last = address(coefficients + (width - 1) * rank);
  let stop = address(panel) - BLOCK;
  let to = address(at);
  // x - x is 0 for numbers, and NaN for all else.
  let rest = f64x2.splat(0);
  for (let i = 0; i < rows; i += 4, to += 3 * row) {
    let c = last;
    const p = stop + block;
    for (let left = rank; left > 0;) {
      // 5 columns are 3 and 2.
      const count = left === 5 ? 3 : left > 4 ? 4 : left;
      if (count === 4) rest = f64x2.add(rest, subtract4(to, p, stop, c, row, eta));
      else if (count === 3) rest = f64x2.add(rest, subtract3(to, p, stop, c, row, eta));
      else if (count === 2) rest = f64x2.add(rest, subtract2(to, p, stop, c, row, eta));
      else rest = f64x2.add(rest, subtract1(to, p, stop, c, row, eta));
      left -= count;
      to += bytes(count);
      c += bytes(count);
    }
    stop = p;
  }
  return sum(rest) === 0 ? 1 : 0;
}

function subtract4(to: usize, last: usize, stop: usize, first: usize, row: usize, eta: v128): v128 {
  let s0 = f64x2.splat(0);
  let s2 = s0;
  let t0 = s0;
  let t2 = s0;
  let u0 = s0;
  let u2 = s0;
  let v0 = s0;
  let v2 = s0;
  for (let p = last, c = first; p !== stop; p -= BLOCK, c -= row) {
    const p0 = v128.load(p);
    const p2 = v128.load(p, 16);
    const w = v128.load64_splat(c);
    s0 = f64x2.add(s0, f64x2.mul(p0, w));
    s2 = f64x2.add(s2, f64x2.mul(p2, w));
    const x = v128.load64_splat(c, 8);
    t0 = f64x2.add(t0, f64x2.mul(p0, x));
    t2 = f64x2.add(t2, f64x2.mul(p2, x));
    const y = v128.load64_splat(c, 16);
    u0 = f64x2.add(u0, f64x2.mul(p0, y));
    u2 = f64x2.add(u2, f64x2.mul(p2, y));
    const z = v128.load64_splat(c, 24);
    v0 = f64x2.add(v0, f64x2.mul(p0, z));
    v2 = f64x2.add(v2, f64x2.mul(p2, z));
  }
  return f64x2.add(move2(to, row, eta, s0, s2, t0, t2), move2(to + 16, row, eta, u0, u2, v0, v2));
}

function subtract3(to: usize, last: usize, stop: usize, first: usize, row: usize, eta: v128): v128 {
  let s0 = f64x2.splat(0);
  let s2 = s0;
  let t0 = s0;
  let t2 = s0;
  let u0 = s0;
  let u2 = s0;
  for (let p = last, c = first; p !== stop; p -= BLOCK, c -= row) {
    const p0 = v128.load(p);
    const p2 = v128.load(p, 16);
    const w = v128.load64_splat(c);
    s0 = f64x2.add(s0, f64x2.mul(p0, w));
    s2 = f64x2.add(s2, f64x2.mul(p2, w));
    const x = v128.load64_splat(c, 8);
    t0 = f64x2.add(t0, f64x2.mul(p0, x));
    t2 = f64x2.add(t2, f64x2.mul(p2, x));
    const y = v128.load64_splat(c, 16);
    u0 = f64x2.add(u0, f64x2.mul(p0, y));
    u2 = f64x2.add(u2, f64x2.mul(p2, y));
  }
  return f64x2.add(move2(to, row, eta, s0, s2, t0, t2), move1(to + 16, row, eta, u0, u2));
}

function subtract2(to: usize, last: usize, stop: usize, first: usize, row: usize, eta: v128): v128 {
  let s0 = f64x2.splat(0);
  let s2 = s0;
  let t0 = s0;
  let t2 = s0;
  for (let p = last, c = first; p !== stop; p -= BLOCK, c -= row) {
    const p0 = v128.load(p);
    const p2 = v128.load(p, 16);
    const w = v128.load64_splat(c);
    s0 = f64x2.add(s0, f64x2.mul(p0, w));
    s2 = f64x2.add(s2, f64x2.mul(p2, w));
    const x = v128.load64_splat(c, 8);
    t0 = f64x2.add(t0, f64x2.mul(p0, x));
    t2 = f64x2.add(t2, f64x2.mul(p2, x));
  }
  return move2(to, row, eta, s0, s2, t0, t2);
}

function subtract1(to: usize, last: usize, stop: usize, first: usize, row: usize, eta: v128): v128 {
  let s0 = f64x2.splat(0);
  let s2 = s0;
  for (let p = last, c = first; p !== stop; p -= BLOCK, c -= row) {
    const p0 = v128.load(p);
    const p2 = v128.load(p, 16);
    const w = v128.load64_splat(c);
    s0 = f64x2.add(s0, f64x2.mul(p0, w));
    s2 = f64x2.add(s2, f64x2.mul(p2, w));
  }
  return move1(to, row, eta, s0, s2);
}

/** Moves 4 rows of two columns, given the slopes of rows 0 and 1 and of rows 2 and 3 in each. */
function move2(to: usize, row: usize, eta: v128, s0: v128, s2: v128, t0: v128, t2: v128): v128 {
  const first = f64x2.add(
    move(to, eta, v128.shuffle<f64>(s0, t0, 0, 2)),
    move(to + row, eta, v128.shuffle<f64>(s0, t0, 1, 3)),
  );
  const last = f64x2.add(
    move(to + 2 * row, eta, v128.shuffle<f64>(s2, t2, 0, 2)),
    move(to + 3 * row, eta, v128.shuffle<f64>(s2, t2, 1, 3)),
  );
  return f64x2.add(first, last);
}

/** The same of one column. */
function move1(to: usize, row: usize, eta: v128, s0: v128, s2: v128): v128 {
  return f64x2.add(moveApart(to, to + row, eta, s0), moveApart(to + 2 * row, to + 3 * row, eta, s2));
}

/** Moves two neighbours; 0 for each that is a number then. */
function move(to: usize, eta: v128, slope: v128): v128 {
  const moved = f64x2.sub(v128.load(to), f64x2.mul(eta, slope));
  v128.store(to, moved);
  return f64x2.sub(moved, moved);
}

/** The same for two that are not neighbours. */
function moveApart(first: usize, second: usize, eta: v128, slope: v128): v128 {
  const moved = f64x2.sub(pair(first, second), f64x2.mul(eta, slope));
  v128.store64_lane(first, moved, 0);
  v128.store64_lane(second, moved, 1);
  return f64x2.sub(moved, moved);
}
