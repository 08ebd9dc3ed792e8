/** flat-minima: a compact solver for noisy gradient descent on matrix factorization, and its theory. */
/** The matrix class of ml-matrix, in which targets and factors are given. */
export { Matrix } from 'ml-matrix';
export { alternatingGradientDescent } from './solvers/alternating.ts';
export { antiPerturbedDescent, perturbedFormOf } from './solvers/anti-perturbed.ts';
export type { Decomposition } from './linear-algebra/decomposition.ts';
export { deepPerturbedDescent, type DeepDescent, type DeepOptions } from './solvers/deep.ts';
export type { Descent, DescentOptions, Factors, NoiseScales, NoiseSource, Solver } from './contract.ts';
export { criticalStep, stepSizeNote, type CriticalStep } from './theory/critical-step.ts';
export {
  entrySamplingDescent,
  uniformPicks,
  type EntrySamplingOptions,
  type EntryPick,
} from './solvers/entry-sampling.ts';
export { Diverged, InvalidInput } from './errors.ts';
export {
  decompose,
  gram,
  imbalance,
  minimumSpectrum,
  orbitDistance,
  product,
  rank,
  singularValues,
} from './linear-algebra/geometry.ts';
export { gradientNoiseDescent, type GradientNoiseOptions } from './solvers/gradient-noise.ts';
export { heavyBall, type HeavyBallOptions } from './solvers/heavy-ball.ts';
export { labelNoiseDescent, type LabelNoiseOptions } from './solvers/label-noise.ts';
export { norm, squaredNorm } from './linear-algebra/matrices.ts';
export { gaussianNoise, rademacherNoise, scriptedNoise, uniformNoise } from './noise/sources.ts';
export { gradient, hessian, loss, residual } from './theory/objective.ts';
export { oneFactorNoiseDescent, otherFactorNoiseDescent } from './solvers/one-factor-noise.ts';
export { perturbedGradientDescent } from './solvers/perturbed.ts';
export { reducedPerturbedGradientDescent, type ReducedDescent, type ReducedOptions } from './solvers/reduced.ts';
export { reducedCoordinates, type ReducedProblem } from './solvers/reduced-coordinates.ts';
export { scaledGradientDescent } from './solvers/scaled-descent.ts';
export { sharpnessAwareDescent, type SharpnessAwareOptions } from './solvers/sharpness-aware.ts';
export { sensingDescent, type SensingOptions } from './solvers/sensing.ts';
export { smoothedGradientDescent, type SmoothedOptions } from './solvers/smoothed.ts';
export { symmetricPerturbedDescent, type SymmetricDescent, type SymmetricOptions } from './solvers/symmetric.ts';
export {
  penalties,
  smoothedGradient,
  smoothedHessian,
  smoothedLoss,
  smoothedMinimiser,
  stationaryPoint,
  type Penalties,
} from './theory/smoothed-objective.ts';
export {
  loweredEigenvalues,
  smoothedSymmetricGradient,
  smoothedSymmetricLoss,
  symmetricGradient,
  symmetricLoss,
  symmetricRidge,
} from './theory/symmetric.ts';
export { deepGradient, deepLoss, deepProduct, smoothedDeepGradient, smoothedDeepLoss } from './theory/deep.ts';
export {
  combined,
  measured,
  sensingGradient,
  sensingGrams,
  type SensingGrams,
  sensingLoss,
  sensingRemarks,
  smoothedSensingGradient,
  smoothedSensingLoss,
  type Measurements,
} from './theory/sensing.ts';
