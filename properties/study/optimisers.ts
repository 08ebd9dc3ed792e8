/**
 * The optimisers of docs/study.md. The scale of each one's own noise follows from the scales that a study gives, so that a study can
 * change it: at s_1 = 1 and the ordinary scales, sqrt(d1) sigma1 = 1/4.
 */
import {
  antiPerturbedDescent,
  gradient,
  gradientNoiseDescent,
  heavyBall,
  labelNoiseDescent,
  Matrix,
  sharpnessAwareDescent,
  type DescentOptions,
  type Factors,
  type Solver,
} from '../../src/index.ts';
import { plus } from '../../src/linear-algebra/matrices.ts';
import { stepwise } from '../../src/solvers/stepwise.ts';
import { referenceDescent } from '../oracles/reference-descent.ts';
import type { Prediction } from './experiment.ts';
import {
  ofAntiPerturbed,
  ofGradientDescent,
  ofGradientNoise,
  ofHeavyBall,
  ofLabelNoise,
  ofNesterov,
  ofPerturbed,
  ofSharpnessAware,
} from './optimiser-theory.ts';
import type { Problem } from './problems.ts';

type Noise = NonNullable<DescentOptions['noise']>;

/** 1/4 at s_1 = 1. */
const sizeOf = ({ start, noise }: DescentOptions): number => Math.sqrt(start.X.rows) * (noise?.sigma1 ?? 0);

const plainly = ({ target, start, stepSize }: DescentOptions): Omit<DescentOptions, 'noise'> => ({
  target,
  start,
  stepSize,
});

const sourceOf = ({ noise }: DescentOptions): Noise['source'] => noise!.source;

export const gradientDescent: Solver = (options) => referenceDescent(plainly(options));

/** s = 1/2. */
export const labelNoise: Solver = (options) =>
  labelNoiseDescent({ ...plainly(options), labels: { scale: 2 * sizeOf(options), source: sourceOf(options) } });

/** tau = eta / 8. */
export const gradientNoise: Solver = (options) =>
  gradientNoiseDescent({
    ...plainly(options),
    stepNoise: { scale: (options.stepSize * sizeOf(options)) / 2, source: sourceOf(options) },
  });

/** rho = 1/8. */
export const sharpnessAware: Solver = (options) =>
  sharpnessAwareDescent({ ...plainly(options), radius: sizeOf(options) / 2 });

const MOMENTUM = 0.9;

export const heavyBallDescent: Solver = (options) => heavyBall({ ...plainly(options), momentum: MOMENTUM });

/** Nesterov's method with constant momentum: the gradient is taken at Z_t + b (Z_t - Z_(t-1)). */
export const nesterov: Solver = ({ target, start, stepSize }) => {
  let before: Factors = start;
  return stepwise({ start, stepSize }, (at) => {
    const ahead = moved(at, moved(at, before, -1), MOMENTUM);
    before = at;
    return moved(ahead, gradient(target, ahead), -stepSize);
  });
};

const [FIRST, SECOND, EPSILON] = [0.9, 0.999, 1e-8];

/** Adam (Kingma and Ba 2015) with its usual constants; the step size is its learning rate. */
export const adam: Solver = ({ target, start, stepSize }) => {
  const zero = moved(start, start, -1);
  let [mean, square] = [zero, zero];
  return stepwise({ start, stepSize }, (at, number) => {
    const slope = gradient(target, at);
    mean = combined(mean, slope, (m, g) => FIRST * m + (1 - FIRST) * g);
    square = combined(square, slope, (v, g) => SECOND * v + (1 - SECOND) * g * g);
    const [ofMean, ofSquare] = [1 - FIRST ** number, 1 - SECOND ** number];
    const step = combined(mean, square, (m, v) => m / ofMean / (Math.sqrt(v / ofSquare) + EPSILON));
    return moved(at, step, -stepSize);
  });
};

const moved = (at: Factors, by: Factors, times: number): Factors => ({
  X: plus(at.X, by.X, times),
  Y: plus(at.Y, by.Y, times),
});

function combined(a: Factors, b: Factors, by: (a: number, b: number) => number): Factors {
  const side = (A: Matrix, B: Matrix): Matrix => {
    const C = new Matrix(A.rows, A.columns);
    for (let i = 0; i < A.rows; i++) for (let j = 0; j < A.columns; j++) C.set(i, j, by(A.get(i, j), B.get(i, j)));
    return C;
  };
  return { X: side(a.X, b.X), Y: side(a.Y, b.Y) };
}

/** An optimiser, and the predictions of the theory for it, by the ids of quantities. */
export interface Known {
  readonly name: string;
  readonly solver: Solver;
  /** Its own constants. */
  readonly note: string;
  readonly theory: (problem: Problem) => Readonly<Record<string, Prediction>>;
}

export const optimisers: readonly Known[] = [
  { name: 'gradient descent', solver: gradientDescent, note: 'no noise', theory: ofGradientDescent },
  { name: 'perturbed', solver: referenceDescent, note: 'lambda = s_1 / 16, gamma = 1', theory: ofPerturbed },
  { name: 'Anti-PGD', solver: antiPerturbedDescent, note: 'the same noise', theory: ofAntiPerturbed },
  { name: 'label noise', solver: labelNoise, note: 's = 1/2', theory: ofLabelNoise },
  { name: 'gradient noise', solver: gradientNoise, note: 'tau = eta / 8', theory: ofGradientNoise },
  { name: 'SAM', solver: sharpnessAware, note: 'rho = 1/8', theory: ofSharpnessAware },
  {
    name: 'heavy ball',
    solver: heavyBallDescent,
    note: 'b = 0.9',
    theory: (problem) => ofHeavyBall(problem, MOMENTUM),
  },
  { name: 'Nesterov', solver: nesterov, note: 'b = 0.9', theory: () => ofNesterov(MOMENTUM) },
  { name: 'Adam', solver: adam, note: 'learning rate eta', theory: () => ({}) },
];
