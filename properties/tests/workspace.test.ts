/** Descents share the memory of a kernel, one after another, without effect on their results. */
import { Matrix } from 'ml-matrix';
import { describe, expect, test, vi } from 'vitest';
import { gaussianNoise, perturbedGradientDescent, type DescentOptions } from 'flat-minima';
import { fastest, fastKernels, kernelsFor, plainKernels } from '../../src/kernel/pool.ts';
import { plainKernel } from '../../src/kernel/plain.ts';
import { simdKernel } from '../../src/kernel/simd.ts';
import { stacked } from '../oracles/formula.ts';
import { gaussian } from './gaussian.ts';

describe('who has which kernel when', () => {
  const problem = (noise?: () => void): DescentOptions => ({
    target: gaussian(7, 6, 'M'),
    start: { X: gaussian(7, 2, 'X'), Y: gaussian(6, 2, 'Y') },
    stepSize: 1 / 64,
    noise: {
      sigma1: 1 / 4,
      sigma2: 1 / 4,
      source: ((own) => ({
        fill: (out) => {
          noise?.();
          own.fill(out);
        },
      }))(gaussianNoise('xi')),
    },
  });
  const alone = (steps: number): Matrix => {
    const descent = perturbedGradientDescent(problem());
    descent.advance(steps);
    return stacked(descent);
  };

  test('alternating descents do not interfere, for all sizes', () => {
    const descents = [1, 5, 120].map((d) =>
      perturbedGradientDescent({
        target: gaussian(d, d, 'M'),
        start: { X: gaussian(d, 1, 'X'), Y: gaussian(d, 1, 'Y') },
        stepSize: 1 / 64,
      }),
    );
    const own = perturbedGradientDescent(problem());
    for (const other of descents) {
      own.advance(1);
      other.advance(2);
    }
    expect(stacked(own)).toEqual(alone(3));
  });

  test('a descent whose noise runs another one in the middle of a step', () => {
    const other = perturbedGradientDescent(problem());
    const own = perturbedGradientDescent(problem(() => other.advance(1)));
    own.advance(3);
    expect(stacked(own)).toEqual(alone(3));
    expect(stacked(other)).toEqual(alone(6));
  });

  test('noise that looks at the descent gets its iterate', () => {
    const seen: Matrix[] = [];
    const own = perturbedGradientDescent(problem(() => seen.push(stacked(own))));
    own.advance(3);
    expect(seen).toEqual([0, 0, 1, 1, 2, 2].map(alone));
  });

  test('noise that fails does not change the descent, and others go on', () => {
    let calls = 0;
    const own = perturbedGradientDescent(
      problem(() => {
        calls++;
        if (calls === 4) throw new Error('no more noise');
      }),
    );
    expect(() => own.advance(3)).toThrow('no more noise');
    expect(stacked(own)).toEqual(alone(1));
    expect(alone(2)).toEqual(alone(2));
  });

  test('a kernel that is given back is lent again', () => {
    const kernel = fastKernels.take(1);
    fastKernels.giveBack(kernel);
    expect(fastKernels.take(2)).toBe(kernel);
    fastKernels.giveBack(kernel);
  });

  test('the plain one steps without WebAssembly, and if its memory is too small', () => {
    expect(kernelsFor(2 ** 29)).toBe(fastKernels);
    expect(kernelsFor(2 ** 29 + 1)).toBe(plainKernels);
    vi.stubGlobal('WebAssembly', undefined);
    try {
      expect(Object.keys(fastest())).toEqual(Object.keys(plainKernel()));
    } finally {
      vi.unstubAllGlobals();
    }
    expect(Object.keys(fastest())).toEqual(Object.keys(simdKernel()));
    expect(Object.keys(simdKernel())).not.toEqual(Object.keys(plainKernel()));
  });
});
