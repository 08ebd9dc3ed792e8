import { Matrix } from 'ml-matrix';
import type { DescentOptions, Factors, NoiseScales, NoiseSource } from './contract.ts';
import { InvalidInput } from './errors.ts';

/** Throws `InvalidInput` unless the options satisfy the contract. */
export function validateOptions({ target, start, stepSize, noise }: DescentOptions): void {
  validateProblem(target, start);
  validateStepSize(stepSize);
  validateNoise(noise);
}

/** Throws `InvalidInput` unless the noise is absent or has two scales and a source. */
export function validateNoise(noise: DescentOptions['noise']): void {
  if (noise === undefined) return;
  validateScales(noise);
  validateSource('noise.source', noise.source);
}

/** Throws `InvalidInput` unless the source of that name can be asked for noise. */
export function validateSource(name: string, source: NoiseSource): void {
  if (typeof (source as { fill?: unknown } | undefined)?.fill !== 'function') {
    throw new InvalidInput(`${name} has no method fill(out): give a NoiseSource such as gaussianNoise(seed)`);
  }
}

/** Throws `InvalidInput` unless M, X and Y are finite and fit together. */
export function validateProblem(target: Matrix, { X, Y }: Factors): void {
  validateMatrix('target', target);
  validateMatrix('start.X', X);
  validateMatrix('start.Y', Y);
  const shapes = (): string => `target is ${shape(target)}, start.X is ${shape(X)}, start.Y is ${shape(Y)}`;
  if (X.rows !== target.rows || Y.rows !== target.columns || X.columns !== Y.columns) {
    throw new InvalidInput(`${shapes()}: for a d1 x d2 target give a d1 x r start.X and a d2 x r start.Y`);
  }
  if (X.columns > Math.min(target.rows, target.columns)) {
    throw new InvalidInput(
      `${shapes()}: choose a rank r of at most min(d1, d2) = ${Math.min(target.rows, target.columns)}`,
    );
  }
}

/** Throws `InvalidInput` unless the step size is positive and finite. */
export function validateStepSize(stepSize: number): void {
  if (!(stepSize > 0 && Number.isFinite(stepSize))) {
    throw new InvalidInput(`stepSize is ${stepSize}: give a positive finite number`);
  }
}

/** Throws `InvalidInput` unless both scales are finite and not negative. */
export function validateScales({ sigma1, sigma2 }: NoiseScales): void {
  validateScale('sigma1', sigma1);
  validateScale('sigma2', sigma2);
}

/** Throws `InvalidInput` unless the scale is finite and not negative. */
export function validateScale(name: string, sigma: number, kind = 'standard deviation'): void {
  if (!(sigma >= 0 && Number.isFinite(sigma))) {
    throw new InvalidInput(`${name} is ${sigma}: give a finite ${kind}, 0 or larger`);
  }
}

/** Throws `InvalidInput` unless the momentum is at least 0 and below 1. */
export function validateMomentum(momentum: number): void {
  if (!(momentum >= 0 && momentum < 1)) {
    throw new InvalidInput(
      `momentum is ${momentum}: give a number from 0 to below 1, because from 1 on no step is forgotten`,
    );
  }
}

/** Throws `InvalidInput` unless `value` is a matrix with at least one entry and only finite ones. */
export function validateMatrix(name: string, value: Matrix): void {
  if (!Matrix.isMatrix(value)) {
    throw new InvalidInput(`${name} is ${describe(value)}: give a Matrix of the package ml-matrix`);
  }
  if (value.rows === 0 || value.columns === 0) {
    throw new InvalidInput(`${name} is ${shape(value)}, which is empty: give at least one row and one column`);
  }
  for (let i = 0; i < value.rows; i++) {
    for (let j = 0; j < value.columns; j++) {
      if (!Number.isFinite(value.get(i, j))) {
        throw new InvalidInput(`${name} has ${value.get(i, j)} in row ${i + 1}, column ${j + 1}: give finite numbers`);
      }
    }
  }
}

/** Throws `InvalidInput` unless the dimension of that name is a whole number from 1 that a number holds exactly. */
export function validateDimension(name: string, value: number): void {
  if (!(Number.isSafeInteger(value) && value >= 1)) {
    throw new InvalidInput(`dimension ${name} is ${value}: give a whole number from 1 to ${Number.MAX_SAFE_INTEGER}`);
  }
}

/** Throws `InvalidInput` unless `steps` is a whole number, 0 or larger. */
export function validateSteps(steps: number): void {
  if (!(Number.isSafeInteger(steps) && steps >= 0)) {
    throw new InvalidInput(`advance was asked for ${steps} steps: give a whole number, 0 or larger`);
  }
}

export const shape = (matrix: Matrix): string => `${matrix.rows} x ${matrix.columns}`;
const describe = (value: unknown): string =>
  Array.isArray(value) ? 'an array' : value === null ? 'null' : `of type ${typeof value}`;
