/** The known parts that claims subtract: against exact averages over the noise, and another derivation. */
import { Matrix } from 'ml-matrix';
import { describe, expect, test } from 'vitest';
import { meanProducts, type Product } from '../claims/paths/mean-path.ts';
import { leadingOrder } from '../claims/symmetric/runs.ts';
import { matrix, startOf, type Instance } from '../model/instance.ts';
import { axes, blocks, grid, HERMITE } from '../oracles/cubature.ts';
import { perturb } from '../oracles/formula.ts';
import { Hovering, settingOf } from '../oracles/hovering.ts';
import { gradient } from '../../src/index.ts';

/** Different shapes of the factors, so that their noise is too. */
const fit = (eta: number): Instance => ({
  M: [[2, 0, 0]],
  X0: [[0.75]],
  Y0: [[0.75], [0], [0]],
  ...{ eta, sigma1: 1 / 2, sigma2: 1 / 2 / Math.sqrt(3), steps: 1, seed: 1 },
});

const after = (instance: Instance, steps: number): Product => [...meanProducts(instance, [steps])][0]!;

describe('the mean of the product in a mode', () => {
  test('is that of all perturbed steps after one of them, with their means and covariance', () => {
    const [instance, at] = [fit(1 / 8), startOf(fit(1 / 8))];
    const steps = [...blocks(grid(1, HERMITE), grid(3, HERMITE))].map(([point, weight]) => {
      const { X, Y } = gradient(matrix(instance.M), perturb(at, instance, point));
      return { weight, x: 0.75 - instance.eta * X.get(0, 0), y: 0.75 - instance.eta * Y.get(0, 0) };
    });
    const meanOf = (of: (x: number, y: number) => number): number =>
      steps.reduce((sum, { weight, x, y }) => sum + weight * of(x, y), 0);
    const [mean, mx, my] = [meanOf((x, y) => x * y), meanOf((x) => x), meanOf((_, y) => y)];
    const covariance = mean - mx * my;
    const [ofX, ofY] = [meanOf((x) => (x - mx) ** 2), meanOf((_, y) => (y - my) ** 2)];
    const ofNormal = my * my * ofX + 2 * mx * my * covariance + mx * mx * ofY + ofX * ofY + covariance ** 2;
    const found = after(instance, 1);
    expect(found.mean).toBeCloseTo(mean, 13);
    expect(found.deviation).toBeCloseTo(Math.sqrt(ofNormal), 13);
  });

  test('comes to rest where the limit has it, up to second order in the step size', () => {
    const off = [1 / 32, 1 / 64].map((eta) => {
      const limit = new Hovering(settingOf(fit(eta))).mean(0).XY;
      return Math.abs(after(fit(eta), 20 / eta).mean - limit);
    });
    expect(off[0]).toBeLessThan(1e-2);
    expect(off[0]! / off[1]!).toBeGreaterThan(3);
  });
});

test.each([0, 3])('the leading order of the errors of recovery has the mean 0 at mu = %d', (mu) => {
  const d = 3;
  const sums = [0, 0];
  for (const [point, weight] of axes(d * d)) {
    const G = Matrix.from1DArray(d, d, [...point]);
    leadingOrder(G.add(G.transpose()).div(Math.SQRT2), mu).forEach((each, i) => (sums[i]! += weight * each));
  }
  expect(sums[0]).toBeCloseTo(0, 12);
  expect(sums[1]).toBeCloseTo(0, 12);
});
