/** The rounds of the family lee, against computations without a proximal step. */
import fc from 'fast-check';
import { Matrix } from 'ml-matrix';
import { expect, test } from 'vitest';
import { norm, product, singularValues, type Factors } from '../../src/index.ts';
import { convexMinimiser } from '../claims/limit/nuclear-norm.ts';
import { rankOfSolution } from '../claims/lee/rank.ts';
import { problemOf, valueOf, type Lee } from '../claims/lee/problems.ts';
import { descentStep, proximalArgument, proximalStep, ROUND, rounds } from '../claims/lee/rounds.ts';

/** s = (4, 2, 1/2), so the solution has the rank 2; the measurements are dense, with weights 1 and 2. */
const instance: Lee = {
  M: [
    [4, 0, 0],
    [0, 2, 0],
    [0, 0, 1 / 2],
  ],
  X0: [[1], [1], [0]],
  Y0: [[1], [0], [1]],
  ...{ eta: 1 / 2, sigma1: 0, sigma2: 0, steps: 1, seed: 1, descents: 2 },
  ...{ lambda: 1, mu: 1, L: 2 },
  weights: [
    [1, 2, 1],
    [2, 1, 2],
    [1, 1, 2],
  ],
  mirror: [
    [1, 0, 1],
    [0, 1, 0],
    [1, 1, 0],
  ],
};
const problem = problemOf(instance);
const start: Factors = { X: new Matrix(instance.X0), Y: new Matrix(instance.Y0) };

/** Long descent on the factors alone, from a start with all columns. */
function descended(steps: number): Factors {
  let at: Factors = { X: Matrix.eye(3).add(1 / 4), Y: Matrix.eye(3).sub(1 / 8) };
  for (let i = 0; i < steps; i++) at = descentStep(1)(problem, at);
  return at;
}

test('a proximal step is the solution of a problem of full observation', () => {
  const B = proximalArgument(problem, product(start));
  const Z = convexMinimiser(B, problem.t * problem.lambda);
  expect(norm(Matrix.sub(product(proximalStep(problem, start)), Z))).toBeLessThan(1e-6);
});

test('the gradient of f is its difference quotient', () => {
  const [Z, D] = [product(start), Matrix.eye(3)];
  const f = (h: number): number => {
    const at = Matrix.add(Z, Matrix.mul(D, h));
    return problem.value(at) - problem.lambda * singularValues(at).reduce((sum, s) => sum + s, 0);
  };
  expect((f(1) - f(-1)) / 2).toBeCloseTo(problem.slope(Z).trace(), 12);
});

test('descent on the factors alone, with all columns, comes to the known solution, and not below it', () => {
  const [at, least] = [descended(600), problem.value(problem.Z)];
  expect(valueOf(problem, at) - least).toBeGreaterThan(-1e-12);
  expect(valueOf(problem, at) - least).toBeLessThan(1e-9);
  expect(norm(Matrix.sub(product(at), problem.Z))).toBeLessThan(1e-4);
});

test('rounds leave the origin, where descent stays', () => {
  const origin: Factors = { X: Matrix.zeros(3, 1), Y: Matrix.zeros(3, 1) };
  expect(norm(product(descentStep(1)(problem, origin)))).toBe(0);
  const passed = [...rounds({ ...instance, X0: [[0], [0], [0]], Y0: [[0], [0], [0]] }, problem, 40, ROUND)];
  expect(norm(Matrix.sub(product(passed.at(-1)!.after), problem.Z))).toBeLessThan(1e-6);
});

test('no instance of lee/rank has a singular value equal to lambda, of which rounding would decide the rank', () => {
  const drawn = fc.sample(rankOfSolution.instances() as fc.Arbitrary<Lee>, { seed: 1, numRuns: 2000 });
  const distances = drawn.map(({ M, lambda }) =>
    Math.min(...singularValues(new Matrix(M)).map((value) => Math.abs(value - lambda) / lambda)),
  );
  expect(Math.min(...distances)).toBeGreaterThan(2 ** -30);
});
