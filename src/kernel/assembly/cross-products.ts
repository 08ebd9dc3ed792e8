/** The products of a panel's columns with its first ones. */
import { address, BLOCK, bytes, sum } from './numbers';

/** Computes A'B; of B'B, which is symmetric, little more than half. */
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

/** s + a b + c d */
function plus(s: v128, a: v128, b: v128, c: v128, d: v128): v128 {
  return f64x2.add(s, f64x2.add(f64x2.mul(a, b), f64x2.mul(c, d)));
}
