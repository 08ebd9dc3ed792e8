/** The geometry of the landscape view, without a canvas. */
import { penaltiesOf, type State } from './state.ts';
import type { Point, Projection } from './projection.ts';

/** The style of a run, or of one of its singular pairs. */
export interface Style {
  readonly colour: string;
  readonly dashed: boolean;
  /** Whether it diverged: then nothing makes room for it. */
  readonly wild: boolean;
}

/** A path; it ends at the current iterate. */
export interface Path extends Style {
  readonly points: readonly Point[];
}

export interface Ring {
  readonly at: Point;
  /** The ink's, if it belongs to several runs. */
  readonly colour: string | undefined;
  readonly label: string;
}

export interface Scene {
  readonly state: State;
  readonly projection: Projection;
  readonly starts: readonly Point[];
  readonly rings: readonly Ring[];
  /** The curve on which plain descent stays, for each of these starts. */
  readonly conserved: readonly { from: Point; colour: string }[];
  /** Balanced points have a = gamma b, up to sign; undefined if gamma is. */
  readonly gamma: number | undefined;
  /** h and m if the border of convergence is near the starts; undefined if it is not drawn. */
  readonly border: { readonly h: number; readonly m: number } | undefined;
  /** The names of the axes. */
  readonly names: readonly [string, string];
}

/** The square that is shown. */
export interface Domain {
  readonly centre: Point;
  readonly half: number;
}

/** Room for starts, rings and minima. */
export function domainOf({ projection, starts, rings }: Scene): Domain {
  const minima = projection.hyperbolas.map((m): Point => [
    Math.sqrt(Math.abs(m)),
    Math.sign(m) * Math.sqrt(Math.abs(m)),
  ]);
  const points = [...starts, ...rings.map(({ at }) => at), ...minima];
  if (projection.kind === 'pairs') {
    const half = (Math.max(...points.flat()) || 1) * 0.62;
    return { centre: [half * 0.94, half * 0.94], half };
  }
  const span = (axis: 0 | 1): [number, number] => {
    const all = points.map((point) => point[axis]);
    return [Math.min(...all, 0), Math.max(...all, 0)];
  };
  const [[left, right], [low, high]] = [span(0), span(1)];
  const half = Math.max(right - left, high - low) / 2;
  return { centre: [(left + right) / 2, (low + high) / 2], half: 1.25 * half || 1 / 8 };
}

/** The domain, wide enough for the paths that left it: 1.3 times as wide, as often as it takes. */
export function widened({ centre, half }: Domain, paths: readonly Path[]): Domain {
  const tame = paths.filter(({ wild }) => !wild).flatMap(({ points }) => points);
  const reach = (axis: 0 | 1): number => Math.max(...tame.map((point) => Math.abs(point[axis] - centre[axis])));
  const factor = Math.max(reach(0), reach(1)) / half;
  return factor > 1 ? { centre, half: half * 1.3 ** Math.ceil(Math.log(factor) / Math.log(1.3)) } : { centre, half };
}

/** F above its minimum on the plane, or F~ above its own. */
export function heightOf({ instance, smoothed }: State, { hyperbolas }: Projection): (a: number, b: number) => number {
  const m = hyperbolas[0]!;
  const penalty = smoothed ? penaltiesOf(instance) : undefined;
  const [alpha, beta, lambda] = [penalty?.alpha ?? 0, penalty?.beta ?? 0, penalty?.lambda ?? 0];
  const F = (a: number, b: number): number => (a * b - m) ** 2 / 2 + (alpha * a * a + beta * b * b) / 2;
  // With s = |m| soft-thresholded the least is lambda s - lambda^2 / 2, or s^2 / 2 if lambda >= s, at the point 0.
  const s = Math.abs(m);
  const least = lambda < s ? lambda * s - (lambda * lambda) / 2 : (s * s) / 2;
  return (a, b) => F(a, b) - least;
}

/** Both branches of ab = m within |a|, |b| <= reach; the axes for m = 0. */
export function hyperbola(m: number, reach: number): Point[][] {
  if (m === 0) {
    return [
      [
        [-reach, 0],
        [reach, 0],
      ],
      [
        [0, -reach],
        [0, reach],
      ],
    ];
  }
  const root = Math.sqrt(Math.abs(m));
  const far = Math.log(Math.max(2, reach / root));
  return [1, -1].map((sign) =>
    spread(far).map((t): Point => [sign * root * Math.exp(t), sign * Math.sign(m) * root * Math.exp(-t)]),
  );
}

/** The branch of a^2 - b^2 = constant through a point; both diagonals if the constant is 0. */
export function conservedCurve([a, b]: Point, reach: number): Point[][] {
  const D = a * a - b * b;
  if (D === 0)
    return [1, -1].map((sign): Point[] => [
      [-reach, -sign * reach],
      [reach, sign * reach],
    ]);
  const root = Math.sqrt(Math.abs(D));
  const far = Math.asinh(reach / root);
  const sign = Math.sign(D > 0 ? a : b);
  return [
    spread(far).map((t): Point => {
      const [near, off] = [sign * root * Math.cosh(t), root * Math.sinh(t)];
      return D > 0 ? [near, off] : [off, near];
    }),
  ];
}

/** The ellipse inside which gradient descent converges at the step size h, with |hm| < 2 (docs/theory/large-steps.md#critical-step). */
export function ellipse({ h, m }: { readonly h: number; readonly m: number }): Point[] {
  const half = (sign: number): number => Math.sqrt((2 + sign * h * m) / h);
  return Array.from({ length: 121 }, (_, i): Point => {
    const angle = (Math.PI * i) / 60;
    const [sum, difference] = [half(1) * Math.cos(angle), half(-1) * Math.sin(angle)];
    return [sum + difference, sum - difference];
  });
}

/** From -far to far. */
const spread = (far: number): number[] => Array.from({ length: 121 }, (_, i) => far * (i / 60 - 1));
