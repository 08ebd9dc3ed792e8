/**
 * The mean of perturbed descent while it fits a mode from a balanced start at rank one, to first order in the step size
 * (docs/theory/gradient-descent.md#modes).
 */
import { firstMode, lambdaOf } from './first-mode.ts';
import { startOf, type Instance } from '../../model/instance.ts';

/** A factor: the mean and the variance of its entry in the mode, and the variance of each of the other entries. */
interface Factor {
  readonly mean: number;
  readonly own: number;
  readonly across: number;
  readonly rows: number;
}

/** Both factors, and the covariance of their entries in the mode. */
interface State {
  readonly x: Factor;
  readonly y: Factor;
  readonly cross: number;
}

interface Problem {
  readonly eta: number;
  readonly s: number;
  readonly lambda: number;
}

/** The product in the mode: its mean, that without fluctuations, how far these move it, and its standard deviation. */
export interface Product {
  readonly mean: number;
  readonly smoothed: number;
  readonly moved: number;
  readonly deviation: number;
}

/** After each of the given numbers of steps, in their order. */
export function* meanProducts(instance: Instance, times: readonly number[]): Generator<Product> {
  const problem = { eta: instance.eta, s: instance.M[0]![0]!, lambda: lambdaOf(instance) };
  const mean = Math.sqrt(firstMode(startOf(instance)).p);
  const [x, y] = [instance.M.length, instance.M[0]!.length].map((rows) => ({ mean, own: 0, across: 0, rows }));
  let moments: State = { x: x!, y: y!, cross: 0 };
  let smoothed = moments;
  let done = 0;
  for (const time of times) {
    for (; done < time; done++) {
      moments = step(problem, moments);
      smoothed = atRest(step(problem, smoothed));
    }
    const ofMeans = moments.x.mean * moments.y.mean;
    const still = smoothed.x.mean * smoothed.y.mean;
    yield {
      mean: ofMeans + moments.cross,
      smoothed: still,
      moved: Math.abs(ofMeans - still) + Math.abs(moments.cross),
      deviation: deviationOf(moments),
    };
  }
}

/** Without the fluctuations: the smoothed descent. */
const atRest = ({ x, y }: State): State => ({
  x: { ...x, own: 0, across: 0 },
  y: { ...y, own: 0, across: 0 },
  cross: 0,
});

/** The standard deviation of the product of two normal numbers. */
const deviationOf = ({ x, y, cross }: State): number =>
  Math.sqrt(y.mean ** 2 * x.own + 2 * x.mean * y.mean * cross + x.mean ** 2 * y.own + x.own * y.own + cross ** 2);

/** Means over the noise at the means: of entry^2, n = |.|^2, n^2, n entry; and the variance of the noise. */
function noisy({ mean, rows }: Factor, lambda: number): Record<'square' | 'n' | 'nn' | 'nEntry' | 'noise', number> {
  const noise = lambda / rows;
  const n = mean ** 2 + lambda;
  const nn = n ** 2 + 4 * noise * mean ** 2 + 2 * noise * lambda;
  return { square: mean ** 2 + noise, n, nn, nEntry: mean * (n + 2 * noise), noise };
}

function step({ eta, s, lambda }: Problem, { x, y, cross }: State): State {
  const [ofX, ofY] = [noisy(x, lambda), noisy(y, lambda)];
  const [slopeX, slopeY] = [x.mean * ofY.n - s * y.mean, y.mean * ofX.n - s * x.mean];
  // I - eta H.
  const [keepX, keepY, mix] = [1 - eta * ofY.n, 1 - eta * ofX.n, -eta * (2 * x.mean * y.mean - s)];
  const next = (one: Factor, of: typeof ofX, keep: number, slope: number, other: Factor, by: typeof ofX): Factor => {
    const bend = one.mean * (other.own + (other.rows - 1) * other.across) + 2 * other.mean * cross;
    const noise = of.square * by.nn - 2 * s * one.mean * by.nEntry + s * s * by.square - slope ** 2;
    return {
      ...one,
      mean: one.mean - eta * (slope + bend),
      own: keep ** 2 * one.own + 2 * keep * mix * cross + mix ** 2 * other.own + eta ** 2 * noise,
      across: keep ** 2 * one.across + eta ** 2 * of.noise * by.nn,
    };
  };
  const noise = ofX.nEntry * ofY.nEntry - s * (ofX.square * ofY.n + ofY.square * ofX.n) + s * s * x.mean * y.mean;
  const covariance = keepX * mix * x.own + (keepX * keepY + mix ** 2) * cross + mix * keepY * y.own;
  return {
    x: next(x, ofX, keepX, slopeX, y, ofY),
    y: next(y, ofY, keepY, slopeY, x, ofX),
    cross: covariance + eta ** 2 * (noise - slopeX * slopeY),
  };
}
