/** flat-minima: a compact solver for noisy gradient descent on matrix factorization, and its theory. */
/** The matrix class of ml-matrix, in which targets and factors are given. */
export { Matrix } from 'ml-matrix';
export { alternatingGradientDescent } from './alternating.ts';
export { antiPerturbedDescent, perturbedFormOf } from './anti-perturbed.ts';
export { CHI_SQUARE_NORMALS, chiSquare } from './chi-square.ts';
export type { Descent, DescentOptions, Factors, NoiseScales, NoiseSource, Solver } from './contract.ts';
export { criticalStep, stepSizeNote, type CriticalStep } from './critical-step.ts';
export { entrySamplingDescent, uniformPicks, type EntrySamplingOptions, type EntryPick } from './entry-sampling.ts';
export { Diverged, InvalidInput } from './errors.ts';
export {
  decompose,
  gram,
  imbalance,
  minimumSpectrum,
  orbitDistance,
  outerGram,
  product,
  rank,
  singularValues,
  type Decomposition,
} from './geometry.ts';
export { gradientNoiseDescent, type GradientNoiseOptions } from './gradient-noise.ts';
export { heavyBall, type HeavyBallOptions } from './heavy-ball.ts';
export { labelNoiseDescent, type LabelNoiseOptions } from './label-noise.ts';
export { squaredNorm } from './matrices.ts';
export { gaussianNoise, rademacherNoise, scriptedNoise, uniformNoise } from './noise.ts';
export { gradient, hessian, loss, residual } from './objective.ts';
export { oneFactorAtATime, oneFactorNoiseDescent, otherFactorNoiseDescent } from './one-factor-noise.ts';
export { perturbedGradientDescent } from './perturbed.ts';
export { reducedPerturbedGradientDescent, type ReducedDescent, type ReducedOptions } from './reduced.ts';
export { reducedCoordinates, type ReducedProblem } from './reduced-coordinates.ts';
export { scaledGradientDescent } from './scaled-descent.ts';
export { sharpnessAwareDescent, type SharpnessAwareOptions } from './sharpness-aware.ts';
export { smoothedGradientDescent, type SmoothedOptions } from './smoothed.ts';
export {
  penalties,
  smoothedGradient,
  smoothedHessian,
  smoothedLoss,
  smoothedMinimiser,
  stationaryPoint,
  type Penalties,
} from './smoothed-objective.ts';
