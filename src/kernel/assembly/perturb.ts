/** The perturbed point, next to the other columns of a panel. */
import { address, BLOCK, bytes, NUMBER, pair } from './numbers';

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
