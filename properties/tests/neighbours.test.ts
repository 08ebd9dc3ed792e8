/** The solvers of neighbouring papers: properties that no claim covers. */
import { Matrix } from 'ml-matrix';
import { describe, expect, test } from 'vitest';
import { stepwise } from '../../src/solvers/stepwise.ts';
import {
  alternatingGradientDescent,
  Diverged,
  gaussianNoise,
  InvalidInput,
  oneFactorNoiseDescent,
  otherFactorNoiseDescent,
  perturbedGradientDescent,
  scriptedNoise,
  type DescentOptions,
  type Factors,
} from 'flat-minima';
import { oneFactorAtATime } from '../../src/solvers/one-factor-noise.ts';

const plain: DescentOptions = {
  target: new Matrix([
    [2, 0],
    [0, 1],
    [0, 0],
  ]),
  start: { X: Matrix.ones(3, 1), Y: Matrix.ones(2, 1) },
  stepSize: 1 / 8,
};
const silent = { sigma1: 0, sigma2: 0, source: gaussianNoise('seed') };
const loud = { sigma1: 1, sigma2: 1, source: gaussianNoise('seed') };

const after = (descent: ReturnType<typeof alternatingGradientDescent>, steps: number): number[] => {
  descent.advance(steps);
  return [...descent.X.to1DArray(), ...descent.Y.to1DArray()];
};

describe('alternating descent', () => {
  test('refuses noise in one sentence, and takes scales of 0 for none', () => {
    expect(() => alternatingGradientDescent({ ...plain, noise: loud })).toThrow(InvalidInput);
    expect(() => alternatingGradientDescent({ ...plain, noise: loud })).toThrow(/sigma1 = 1 and sigma2 = 1: .* omit/);
    for (const one of [{ sigma1: 1 }, { sigma2: 1 }]) {
      expect(() => alternatingGradientDescent({ ...plain, noise: { ...silent, ...one } })).toThrow(InvalidInput);
    }
    const options = { ...plain, noise: silent };
    expect(after(alternatingGradientDescent(options), 3)).toEqual(after(alternatingGradientDescent(plain), 3));
  });

  test('says at which step it diverged', () => {
    const descent = alternatingGradientDescent({ ...plain, stepSize: 100 });
    expect(() => descent.advance(100)).toThrow(Diverged);
  });

  test.each([alternatingGradientDescent, oneFactorNoiseDescent, otherFactorNoiseDescent])(
    'refuses bad input: %o',
    (solver) => {
      expect(() => solver({ ...plain, stepSize: 0 })).toThrow(InvalidInput);
    },
  );
});

describe('noise on one factor at a time', () => {
  const fill = (sizes: readonly number[]): number[] => {
    const source = oneFactorAtATime(scriptedNoise(Array.from({ length: 20 }, (_, i) => i + 1)), plain.start);
    return sizes.flatMap((size) => {
      const out = new Float64Array(size);
      source.fill(out);
      return [...out];
    });
  };

  test('silences xi2 in odd steps and xi1 in even ones, however the stream is cut', () => {
    const expected = [1, 2, 3, 0, 0, 0, 0, 0, 9, 10, 11, 12, 13, 0, 0, 0, 0, 0, 19, 20];
    expect(fill([3, 2, 3, 2, 3, 2, 3, 2])).toEqual(expected);
    expect(fill([1, 9, 10])).toEqual(expected);
  });

  test('is plain descent without noise', () => {
    const expected = after(perturbedGradientDescent(plain), 3);
    expect(after(oneFactorNoiseDescent(plain), 3)).toEqual(expected);
    expect(after(oneFactorNoiseDescent({ ...plain, noise: silent }), 3)).toEqual(expected);
  });

  test('perturbs X in the first step and Y in the second', () => {
    const source = (): ReturnType<typeof scriptedNoise> => scriptedNoise([1, -1, 2, 5, 5, 5, 5, 5, 3, -1]);
    const heard = scriptedNoise([1, -1, 2, 0, 0, 0, 0, 0, 3, -1]);
    const scales = { sigma1: 1 / 4, sigma2: 1 / 2 };
    const expected = after(perturbedGradientDescent({ ...plain, noise: { ...scales, source: heard } }), 2);
    expect(after(oneFactorNoiseDescent({ ...plain, noise: { ...scales, source: source() } }), 2)).toEqual(expected);
  });

  test('with only the other factor moving, moves Y in odd steps and X in even ones', () => {
    const begin = (): ReturnType<typeof otherFactorNoiseDescent> =>
      otherFactorNoiseDescent({ ...plain, noise: { ...loud, source: gaussianNoise('seed') } });
    const first = begin();
    first.advance(1);
    expect(first.X.to1DArray()).toEqual(plain.start.X.to1DArray());
    expect(first.Y.to1DArray()).not.toEqual(plain.start.Y.to1DArray());
    const second = begin();
    second.advance(2);
    expect(second.X.to1DArray()).not.toEqual(first.X.to1DArray());
    expect(second.Y.to1DArray()).toEqual(first.Y.to1DArray());
  });

  test('counts the entries of factors with several columns', () => {
    const start = { X: Matrix.ones(3, 2), Y: Matrix.ones(2, 2) };
    const source = oneFactorAtATime(scriptedNoise(Array.from({ length: 20 }, (_, i) => i + 1)), start);
    const heard = new Float64Array(20);
    source.fill(heard);
    expect([...heard]).toEqual([1, 2, 3, 4, 5, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 17, 18, 19, 20]);
  });

  test('with only the other factor moving, each steps as in perturbed descent with noise on one factor', () => {
    const start = { X: Matrix.ones(3, 2), Y: Matrix.ones(2, 2).mul(1 / 2) };
    const script = Array.from({ length: 20 }, (_, i) => i - 10);
    const found = otherFactorNoiseDescent({ ...plain, start, noise: { ...loud, source: scriptedNoise(script) } });
    const step = (from: Factors, heard: { sigma1: number; sigma2: number }, numbers: number[]): Factors => {
      const noise = { ...heard, source: scriptedNoise(numbers) };
      const descent = perturbedGradientDescent({ ...plain, start: from, noise });
      descent.advance(1);
      return descent;
    };
    const first = step(start, { sigma1: 1, sigma2: 0 }, script.slice(0, 10));
    found.advance(1);
    expect(found.Y.to1DArray()).toEqual(first.Y.to1DArray());
    const second = step({ X: start.X, Y: first.Y }, { sigma1: 0, sigma2: 1 }, script.slice(10));
    found.advance(1);
    expect(found.X.to1DArray()).toEqual(second.X.to1DArray());
  });

  test('with only the other factor moving and no noise, is alternating descent that begins with Y', () => {
    const { target, start } = plain;
    const turned = { ...plain, target: target.transpose(), start: { X: start.Y, Y: start.X } };
    const expected = alternatingGradientDescent(turned);
    expected.advance(2);
    const found = otherFactorNoiseDescent(plain);
    found.advance(4);
    expect(found.X.to1DArray()).toEqual(expected.Y.to1DArray());
    expect(found.Y.to1DArray()).toEqual(expected.X.to1DArray());
  });
});

test('a descent whose one factor is infinite has diverged, at that very step', () => {
  const [one, infinite] = [new Matrix([[1]]), new Matrix([[Infinity]])];
  for (const next of [
    { X: infinite, Y: one },
    { X: one, Y: infinite },
  ]) {
    const descent = stepwise({ start: { X: one, Y: one }, stepSize: 1 }, () => next);
    expect(() => {
      descent.advance(1);
    }).toThrow(/step 1\b/);
  }
});
