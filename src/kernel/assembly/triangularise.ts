/** The triangular factor, by Householder reflections. */
import { address, bytes, NUMBER } from './numbers';

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
