/**
 * The distributions with which averages of perturbed descent are compared: against dense algebra, exact averages and
 * simulations.
 */
import { Matrix, pseudoInverse } from 'ml-matrix';
import { describe, expect, test } from 'vitest';
import { limitOf } from '../claims/limit/limits.ts';
import { windowOf, type LongRun } from '../instances/trajectories.ts';
import type { RankOne } from '../claims/balance/rate-instances.ts';
import { balancingTime, stepsToBalance } from '../claims/balance/rate-measurements.ts';
import { blocks, planes } from '../oracles/cubature.ts';
import { perturb } from '../oracles/formula.ts';
import { Hovering, meansOf, settingOf } from '../oracles/hovering.ts';
import { linear, Window } from '../oracles/linear-process.ts';
import { referenceDescent } from '../oracles/reference-descent.ts';
import { moments } from '../oracles/step-law.ts';
import { meanSquares } from '../claims/balance/step-moments.ts';
import { entriesOf, matrix, startOf, type Instance } from '../model/instance.ts';
import {
  gaussianNoise,
  gradient,
  imbalance,
  norm,
  penalties,
  smoothedHessian,
  smoothedMinimiser,
} from '../../src/index.ts';

/** A target with a retained triple, one that is omitted for r = 1 and decays for r = 2, and gamma = 3/2 or so. */
const problem = (r: number): LongRun => ({
  M: [
    [3, 0],
    [0, 1],
    [1, 1],
  ],
  X0: [
    [1, 0],
    [0, 1],
    [1, 1],
  ].map((row) => row.slice(0, r)),
  Y0: [
    [1, 0],
    [1, 1],
  ].map((row) => row.slice(0, r)),
  eta: 1 / 128,
  sigma1: 5 / 8,
  sigma2: 1 / 2,
  burnIn: 1500,
  steps: 3500,
  seed: 1,
});

describe('a linear process', () => {
  const [H, Q, eta] = [new Matrix([[2, 1], [1, 1]]), new Matrix([[1, 0.5], [0.5, 2]]), 0.1]; // prettier-ignore
  const process = linear(H, Q, eta);
  const unit = [
    [1, 0],
    [0, 1],
  ];

  test('has the covariance that a step leaves as it is', () => {
    const [C, A] = [process.covariance(unit), Matrix.eye(2).sub(Matrix.mul(H, eta))];
    const after = A.mmul(C)
      .mmul(A)
      .add(Matrix.mul(Q, eta ** 2));
    expect(norm(Matrix.sub(after, C))).toBeLessThan(1e-14);
  });

  test('has averages with the sum of its correlations', () => {
    const [C, looks, stride] = [process.covariance(unit), 7, 3];
    const A = Matrix.eye(2).sub(Matrix.mul(H, eta));
    const sum = Matrix.zeros(2, 2);
    for (let i = 0; i < looks; i++) {
      for (let j = 0; j < looks; j++) {
        let D = C;
        for (let k = 0; k < stride * Math.abs(i - j); k++) D = A.mmul(D);
        sum.add(i < j ? D.transpose() : D);
      }
    }
    const found = process.averages(unit, new Window(looks, stride));
    expect(norm(Matrix.sub(found, sum.mul(1 / looks ** 2)))).toBeLessThan(1e-14);
  });

  test('leaves out directions that do not decay', () => {
    const still = linear(Matrix.diag([1, 0]), Matrix.eye(2), 0.1);
    expect(still.slowest).toBe(1);
    expect(still.covariance([[1, 0]]).get(0, 0)).toBeCloseTo(0.1 / 1.9, 12);
  });
});

describe('hovering', () => {
  test.each([1, 2])('long averages have the variance H^-1 Q H^-1 / N of the dense problem, r = %d', (r) => {
    const run = problem(r);
    const [target, looks] = [matrix(run.M), 10 ** 7];
    const at = smoothedMinimiser(target, r, run);
    const inverse = pseudoInverse(smoothedHessian(target, at, run), 1e-10);
    const { d1, d2, ...setting } = settingOf(run);
    const hovering = new Hovering({ ...setting, d1, d2 });
    // |X|^2, whose gradient is (2 X, 0): rows of X first, then those of Y.
    const slope = Matrix.columnVector([...at.X.to1DArray().map((x) => 2 * x), ...at.Y.to1DArray().map(() => 0)]);
    const w = inverse.mmul(slope).to1DArray();
    const direction = {
      X: Matrix.from1DArray(d1, r, w.slice(0, d1 * r)),
      Y: Matrix.from1DArray(d2, r, w.slice(d1 * r)),
    };
    const dense = moments(target, at, direction, run).variance / (run.eta ** 2 * looks);
    const weights = Array.from({ length: hovering.kept }, () => ({ XX: 1, YY: 0, XY: 0 }));
    expect(hovering.deviation(weights, new Window(looks, 1)) ** 2 / dense).toBeCloseTo(1, 3);
  });

  test.each([
    [1, 'both singular values above lambda, one of them left out'],
    [2, 'both kept'],
  ])('means and covariances are those of a simulation, r = %d: %s', (r) => {
    const run = problem(r);
    const [target, hovering, runs] = [matrix(run.M), new Hovering(settingOf(run)), 150];
    const [means, spread] = [meansOf(target, hovering), hovering.spread(windowOf(run))];
    const found = Array.from({ length: runs }, (_, i) => limitOf(referenceDescent, run, gaussianNoise(`average ${i}`)));
    for (const name of ['XX', 'YY', 'XY'] as const) {
      const off = found.map((each) => Matrix.sub(each[name], means[name]));
      const square = off.reduce((sum, each) => sum + norm(each) ** 2, 0) / runs;
      const mean = off.reduce((sum, each) => sum.add(each), Matrix.zeros(off[0]!.rows, off[0]!.columns)).mul(1 / runs);
      expect(square / spread[name].total).toBeGreaterThan(0.7);
      expect(square / spread[name].total).toBeLessThan(1.35);
      // 4 standard errors, and a tenth of the first order.
      const first = norm(Matrix.sub(means[name], limitAt(run)[name]));
      const allowed = (Math.sqrt(spread[name].total) + 3 * Math.sqrt(spread[name].largest)) / Math.sqrt(runs);
      expect(norm(mean)).toBeLessThan(allowed + first / 10);
    }
  });

  test('the trace of the balance is that of the means', () => {
    const run = problem(2);
    const { alpha, beta } = penalties(matrix(run.M), run);
    const hovering = new Hovering(settingOf(run));
    const { XX, YY } = meansOf(matrix(run.M), hovering);
    const { trace, deviation } = hovering.imbalance(new Window(100, 10));
    // Both are of first order in the step size, and differ in the next one.
    expect((alpha * XX.trace() - beta * YY.trace()) / trace).toBeCloseTo(1, 2);
    expect(deviation).toBeGreaterThan(0);
  });
});

const limitAt = (run: LongRun): { XX: Matrix; YY: Matrix; XY: Matrix } => {
  const { X, Y } = smoothedMinimiser(matrix(run.M), run.X0[0]!.length, run);
  return { XX: X.mmul(X.transpose()), YY: Y.mmul(Y.transpose()), XY: X.mmul(Y.transpose()) };
};

test('the squares of a step have the mean that an exact average over the noise has', () => {
  const instance: Instance = problem(2);
  const [target, at] = [matrix(instance.M), startOf(instance)];
  const mean = Matrix.zeros(2, 2);
  for (const [point, weight] of blocks(planes(entriesOf(instance.X0)), planes(entriesOf(instance.Y0)))) {
    mean.add(imbalance(gradient(target, perturb(at, instance, point))).mul(weight));
  }
  expect(norm(Matrix.sub(meanSquares(target, at, instance), mean)) / norm(mean)).toBeLessThan(1e-10);
});

test('the time of balancing and its deviation are those of a simulation', () => {
  const s = 2;
  const instance: RankOne = {
    ...{ M: [[s]], X0: [[Math.sqrt(6 * s)]], Y0: [[Math.sqrt(s) / 4]], s },
    ...{ eta: 1 / (32 * s), sigma1: 1 / 2, sigma2: 1 / 2, steps: 16, seed: 1 },
  };
  const runs = 300;
  const { want, error } = balancingTime(instance, runs);
  expect(error / want).toBeLessThan(0.02);
  expect(Math.abs(stepsToBalance(referenceDescent, instance, runs) - want)).toBeLessThan(4 * error);
});
