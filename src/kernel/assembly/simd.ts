/**
 * The loops of kernel.ts two numbers at a time, in AssemblyScript; plain.ts says what they compute, and the order of all sums.
 * `npm run build` compiles them into module.ts. Matrices come as the index of their first number and are walked by addresses.
 * Several sums are kept in local variables, so that each number that is loaded is used more than once.
 */

import { NUMBERS } from './places';

/** Bytes of a number, and of 4 rows of a column of a panel. */
const NUMBER: usize = 8;
const BLOCK: usize = 32;

export function address(index: i32): usize {
  return NUMBERS + bytes(index);
}

export function bytes(count: i32): usize {
  return (count as usize) * NUMBER;
}

function sum(pair: v128): f64 {
  return f64x2.extract_lane(pair, 0) + f64x2.extract_lane(pair, 1);
}

/** Two numbers that are not neighbours. */
function pair(first: usize, second: usize): v128 {
  return v128.load64_lane(second, v128.load64_zero(first), 1);
}

/** s + a b + c d */
function plus(s: v128, a: v128, b: v128, c: v128, d: v128): v128 {
  return f64x2.add(s, f64x2.add(f64x2.mul(a, b), f64x2.mul(c, d)));
}

export function perturb(at: i32, xi: i32, panel: i32, dimension: i32, rank: i32, width: i32, sigma: f64): void {
  perturbBy(address(at), address(xi), address(panel), dimension, rank, width, sigma);
}

/** The same, by addresses. */
export function perturbBy(at: usize, xi: usize, panel: usize, dimension: i32, rank: i32, width: i32, sigma: f64): void {
  const scale = f64x2.splat(sigma);
  const row = bytes(rank);
  let from = at;
  let noise = xi;
  let to = panel;
  let left = dimension;
  for (; left > 3; left -= 4) {
    let p = to;
    let k = 1;
    for (; k < rank; k += 2, from += 2 * NUMBER, noise += 2 * NUMBER, p += 2 * BLOCK) {
      const r0 = moved(from, noise, scale);
      const r1 = moved(from + row, noise + row, scale);
      const r2 = moved(from + 2 * row, noise + 2 * row, scale);
      const r3 = moved(from + 3 * row, noise + 3 * row, scale);
      v128.store(p, v128.shuffle<f64>(r0, r1, 0, 2));
      v128.store(p, v128.shuffle<f64>(r2, r3, 0, 2), 16);
      v128.store(p, v128.shuffle<f64>(r0, r1, 1, 3), 32);
      v128.store(p, v128.shuffle<f64>(r2, r3, 1, 3), 48);
    }
    if (k === rank) {
      const top = f64x2.mul(scale, pair(noise, noise + row));
      const low = f64x2.mul(scale, pair(noise + 2 * row, noise + 3 * row));
      v128.store(p, f64x2.add(pair(from, from + row), top));
      v128.store(p, f64x2.add(pair(from + 2 * row, from + 3 * row), low), 16);
      from += NUMBER;
      noise += NUMBER;
    }
    from += 3 * row;
    noise += 3 * row;
    to += (width as usize) * BLOCK;
  }
  // The rows of the padding are 0 and stay so.
  for (; left > 0; left--, to += NUMBER) {
    let p = to;
    for (let k = 0; k < rank; k++, from += NUMBER, noise += NUMBER, p += BLOCK) {
      f64.store(p, f64.load(from) + sigma * f64.load(noise));
    }
  }
}

/** Two neighbours at + sigma xi. */
function moved(at: usize, xi: usize, sigma: v128): v128 {
  return f64x2.add(v128.load(at), f64x2.mul(sigma, v128.load(xi)));
}

/** Of B'B, which is symmetric, little more than half is computed. */
export function crossProducts(panel: i32, rows: i32, width: i32, columns: i32, rank: i32, out: i32): void {
  const first = address(panel);
  const end = first + bytes(rows * width);
  const step = (width as usize) * BLOCK;
  let b = 0;
  for (; b + 1 < rank; b += 2) {
    let a = b;
    for (; a + 1 < columns; a += 2) cross2x2(first, end, step, a, b, rank, out);
    for (let c = b; a < columns && c < b + 2; c++) cross(first, end, step, a, c, rank, out);
  }
  if (b < rank) {
    let a = b;
    for (; a + 1 < columns; a += 2) cross2x1(first, end, step, a, b, rank, out);
    if (a < columns) cross(first, end, step, a, b, rank, out);
  }
  for (let a = 0; a < rank; a++) {
    for (let c = a + 1; c < rank; c++) f64.store(entry(out, a, c, rank), f64.load(entry(out, c, a, rank)));
  }
}

function entry(out: i32, row: i32, column: i32, rank: i32): usize {
  return address(out + row * rank + column);
}

/** Columns a and a + 1 with columns b and b + 1. */
function cross2x2(panel: usize, end: usize, step: usize, a: i32, b: i32, rank: i32, out: i32): void {
  const apart = ((a - b) as usize) * BLOCK;
  let s = f64x2.splat(0);
  let t = s;
  let u = s;
  let v = s;
  for (let x = panel + (b as usize) * BLOCK; x < end; x += step) {
    const p = x + apart;
    const x0 = v128.load(x);
    const x1 = v128.load(x, 16);
    const y0 = v128.load(x, 32);
    const y1 = v128.load(x, 48);
    const p0 = v128.load(p);
    const p1 = v128.load(p, 16);
    const q0 = v128.load(p, 32);
    const q1 = v128.load(p, 48);
    s = plus(s, p0, x0, p1, x1);
    t = plus(t, p0, y0, p1, y1);
    u = plus(u, q0, x0, q1, x1);
    v = plus(v, q0, y0, q1, y1);
  }
  const to = entry(out, a, b, rank);
  const below = entry(out, a + 1, b, rank);
  f64.store(to, sum(s));
  f64.store(to, sum(t), 8);
  f64.store(below, sum(u));
  f64.store(below, sum(v), 8);
}

/** Columns a and a + 1 with column b. */
function cross2x1(panel: usize, end: usize, step: usize, a: i32, b: i32, rank: i32, out: i32): void {
  const apart = ((a - b) as usize) * BLOCK;
  let s = f64x2.splat(0);
  let t = s;
  for (let x = panel + (b as usize) * BLOCK; x < end; x += step) {
    const p = x + apart;
    const x0 = v128.load(x);
    const x1 = v128.load(x, 16);
    s = plus(s, v128.load(p), x0, v128.load(p, 16), x1);
    t = plus(t, v128.load(p, 32), x0, v128.load(p, 48), x1);
  }
  f64.store(entry(out, a, b, rank), sum(s));
  f64.store(entry(out, a + 1, b, rank), sum(t));
}

/** Column a with column b. */
function cross(panel: usize, end: usize, step: usize, a: i32, b: i32, rank: i32, out: i32): void {
  const apart = ((a - b) as usize) * BLOCK;
  let s = f64x2.splat(0);
  for (let x = panel + (b as usize) * BLOCK; x < end; x += step) {
    const p = x + apart;
    s = plus(s, v128.load(p), v128.load(x), v128.load(p, 16), v128.load(x, 16));
  }
  f64.store(entry(out, a, b, rank), sum(s));
}

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

/** Columns are reflected two at a time. */
export function triangularise(at: i32, rows: i32, rank: i32): i32 {
  const row = bytes(rank);
  const end = address(at + rows * rank);
  let corner = address(at);
  for (let j = 0; j < rank; j++, corner += row + NUMBER) {
    let squares: f64 = 0;
    for (let i = corner; i < end; i += row) squares += f64.load(i) * f64.load(i);
    if (squares === 0) continue;
    if (!(squares < Infinity)) return 0;
    const first = f64.load(corner);
    const diagonal = first > 0 ? -Math.sqrt(squares) : Math.sqrt(squares);
    const head = first - diagonal;
    const half = squares - first * diagonal;
    let column = 1;
    for (; column + 1 < rank - j; column += 2) reflect2(corner, end, row, bytes(column), head, half);
    if (column < rank - j) reflect(corner, end, row, bytes(column), head, half);
    f64.store(corner, diagonal);
    for (let i = corner + row; i < end; i += row) f64.store(i, 0);
  }
  return 1;
}

/** Reflects the columns this number of bytes behind the reflector, and one number further. */
function reflect2(corner: usize, end: usize, row: usize, behind: usize, head: f64, half: f64): void {
  const v = f64x2.splat(head);
  let dot = f64x2.mul(v, v128.load(corner + behind));
  for (let i = corner + row; i < end; i += row) {
    dot = f64x2.add(dot, f64x2.mul(v128.load64_splat(i), v128.load(i + behind)));
  }
  const factor = f64x2.div(dot, f64x2.splat(half));
  v128.store(corner + behind, f64x2.sub(v128.load(corner + behind), f64x2.mul(factor, v)));
  for (let i = corner + row; i < end; i += row) {
    const moved = f64x2.sub(v128.load(i + behind), f64x2.mul(factor, v128.load64_splat(i)));
    v128.store(i + behind, moved);
  }
}

/** Reflects the column this number of bytes behind the reflector. */
function reflect(corner: usize, end: usize, row: usize, behind: usize, head: f64, half: f64): void {
  let dot = head * f64.load(corner + behind);
  for (let i = corner + row; i < end; i += row) dot += f64.load(i) * f64.load(i + behind);
  const factor = dot / half;
  f64.store(corner + behind, f64.load(corner + behind) - factor * head);
  for (let i = corner + row; i < end; i += row) f64.store(i + behind, f64.load(i + behind) - factor * f64.load(i));
}
