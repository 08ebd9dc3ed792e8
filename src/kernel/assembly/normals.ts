/**
 * Standard normal numbers of kernel/normal.ts, two at a time. The state x, y, z, w of xor128 is one vector. With t_n =
 * A x_n, A the shifts of the old integer, and B w = w ^ (w >>> 19), for which B B = 1, its next four integers are
 *
 *     t0 ^ B w,   t1 ^ B t0 ^ w,   t2 ^ B t1 ^ t0 ^ B w,   t3 ^ B t2 ^ t1 ^ B t0 ^ w.
 */
import { LAYERS, STATE } from './places';

/** The number whose last two draws, which are in the state, gave a point outside its layer's inner box: by kernel/normal.ts. */
declare function outside(): f64;

/** Fills memory between two addresses. */
export function fillBetween(from: usize, end: usize): void {
  let state = v128.load(STATE);
  let to = from;
  while (to < end) {
    const drawn = nextFour(state);
    // The even draws choose layers, the odd ones points in them.
    const layer = layerOf(i32x4.extract_lane(drawn, 0));
    const first = v128.load(layer);
    const second = v128.load(layerOf(i32x4.extract_lane(drawn, 2)));
    const integers = f64x2.convert_low_i32x4_s(v128.shuffle<i32>(drawn, drawn, 1, 3, 1, 3));
    const points = f64x2.mul(integers, v128.shuffle<f64>(first, second, 0, 2));
    const inside = i64x2.bitmask(f64x2.lt(f64x2.abs(points), v128.shuffle<f64>(first, second, 1, 3)));
    if (inside === 3 && to + 16 <= end) {
      v128.store(to, points);
      state = drawn;
      to += 16;
      continue;
    }
    // One number, of the first two draws.
    state = v128.shuffle<i32>(state, drawn, 2, 3, 4, 5);
    let number = f64x2.extract_lane(points, 0);
    if (!(inside & 1)) {
      const next = follow(i32x4.extract_lane(state, 3), i32x4.extract_lane(state, 0));
      const verdict = judge(layer, number, ((next as f64) + 2147483648.5) * 2.3283064365386963e-10);
      if (verdict === UNKNOWN) {
        v128.store(STATE, state);
        number = outside();
        state = v128.load(STATE);
      } else {
        state = i32x4.replace_lane(v128.shuffle<i32>(state, state, 1, 2, 3, 3), 3, next);
        if (verdict === REFUSED) continue;
      }
    }
    f64.store(to, number);
    to += 8;
  }
  v128.store(STATE, state);
}

const REFUSED: i32 = 0;
const ACCEPTED: i32 = 1;
const UNKNOWN: i32 = 2;

/** Whether the point is under the density, if the bounds of kernel/normal.ts decide it. */
function judge(layer: usize, x: f64, share: f64): i32 {
  if (layer === LAYERS) return UNKNOWN;
  const low = f64.load(layer, 16);
  const height = low + share * (f64.load(layer, 48) - low);
  const edge = f64.load(layer, 24);
  const q = (edge * edge - x * x) / 2;
  const least = low * (1 + q + (q * q) / 2);
  if (height < least) return ACCEPTED;
  return height > least + low * q * q * q ? REFUSED : UNKNOWN;
}

function layerOf(drawn: i32): usize {
  return LAYERS + (((drawn & 127) << 5) as usize);
}

function nextFour(state: v128): v128 {
  const none = i32x4.splat(0);
  const w = v128.shuffle<i32>(state, state, 3, 3, 3, 3);
  const ofLast = v128.xor(w, v128.and(i32x4.shr_u(w, 19), i32x4(-1, 0, -1, 0)));
  const x = v128.xor(state, i32x4.shl(state, 11));
  const t = v128.xor(x, i32x4.shr_u(x, 8));
  const before = v128.shuffle<i32>(none, t, 3, 4, 5, 6);
  const pairs = v128.xor(v128.xor(t, before), i32x4.shr_u(before, 19));
  return v128.xor(v128.xor(pairs, ofLast), v128.shuffle<i32>(none, pairs, 2, 3, 4, 5));
}

/** xor128's recurrence. */
function follow(w: i32, x: i32): i32 {
  const t = x ^ (x << 11);
  return w ^ (w >>> 19) ^ (t ^ (t >>> 8));
}
