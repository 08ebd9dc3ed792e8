/**
 * The mean squares of a perturbed gradient, and the mean Hessian, over normal factors with mean 0: exact, by moments
 * (docs/theory/minimisers.md#collapse).
 */

/** Second moments of an entry of u_i'X, of one of v_i'Y in the same column, and of their product. */
export interface Plane {
  readonly x: number;
  readonly y: number;
  readonly xy: number;
}

/** Those of the planes of the triples, and of an entry of a row that only X or only Y has. */
export interface Moments {
  readonly planes: readonly Plane[];
  readonly x: number;
  readonly y: number;
}

/** The singular values of the target, the columns of the factors, and the number of rows that only X or only Y has. */
export interface Shape {
  readonly s: readonly number[];
  readonly r: number;
  readonly lonely: { readonly x: number; readonly y: number };
}

/** The rows x_i, y_i of the perturbed point in the singular basis are normal, with these moments. */
export class GradientSquares {
  /** The mean of Y'Y, and of X'X. */
  readonly alpha: number;
  readonly beta: number;
  readonly #of: Shape;
  readonly #at: Moments;
  /** Sums over all rows of squares of moments. */
  readonly #squares: Plane;

  constructor(of: Shape, at: Moments) {
    [this.#of, this.#at] = [of, at];
    let [alpha, beta, x, y, xy] = [
      of.lonely.y * at.y,
      of.lonely.x * at.x,
      of.lonely.x * at.x ** 2,
      of.lonely.y * at.y ** 2,
      0,
    ];
    for (const each of at.planes) {
      alpha += each.y;
      beta += each.x;
      x += each.x ** 2;
      y += each.y ** 2;
      xy += each.xy ** 2;
    }
    [this.alpha, this.beta, this.#squares] = [alpha, beta, { x, y, xy }];
  }

  /** The entry of the mean Hessian between X and Y in a plane; the others are alpha and beta. */
  across(i: number): number {
    return (this.#of.r + 1) * this.#at.planes[i]!.xy - this.#of.s[i]!;
  }

  /**
   * In a plane the gradient is W x + (x'y) y - s y on X and V y + (x'y) x - s x on Y, with W and V the sums of y_k y_k' and of
   * x_k x_k' over the other rows.
   */
  plane(i: number): Plane {
    const [{ r }, s] = [this.#of, this.#of.s[i]!];
    const { x: p, y: q, xy: c } = this.#at.planes[i]!;
    const [V, W] = [this.beta - p, this.alpha - q];
    /** The mean of (x'y)^2, over r. */
    const product = (r + 1) * c * c + p * q;
    const own = (r + 2) * ((r + 3) * c * c + p * q) - 2 * s * (r + 2) * c + s * s;
    const { x, y, xy } = this.#squares;
    return {
      x: p * (W * W + (r + 1) * (y - q * q)) + q * own + 2 * W * (product - s * c),
      y: q * (V * V + (r + 1) * (x - p * p)) + p * own + 2 * V * (product - s * c),
      xy:
        c * (V * W + (r + 1) * (xy - c * c)) +
        (r + 2) * c * (W * p + V * q + (r + 1) * c * c + 3 * p * q) -
        s * (W * p + V * q + 2 * product - s * c),
    };
  }

  /** On an entry of a row without a partner, where the gradient is Y'Y x or X'X y. */
  get lone(): { x: number; y: number } {
    const { r } = this.#of;
    const { x, y } = this.#squares;
    return { x: this.#at.x * (this.alpha ** 2 + (r + 1) * y), y: this.#at.y * (this.beta ** 2 + (r + 1) * x) };
  }
}
