/**
 * The reference descent is tested against the definition in exact arithmetic, and shares no code with the solver of
 * src.
 */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { Matrix } from 'ml-matrix';
import { describe, expect, test } from 'vitest';
import { norm, perturbedGradientDescent, scriptedNoise } from '../../src/index.ts';
import type { InstanceArbitrary } from '../model/draft.ts';
import {
  blockSize,
  descend,
  iterate,
  matrix,
  noiseTape,
  optionsOf,
  startOf,
  type Instance,
} from '../model/instance.ts';
import { exactStep } from '../oracles/exact-descent.ts';
import { perturb, stacked } from '../oracles/formula.ts';
import { referenceDescent } from '../oracles/reference-descent.ts';
import { stepRounding } from '../oracles/rounding.ts';
import { claimOf } from '../claims/registry.ts';

const instances = claimOf('definition/step')!.instances() as InstanceArbitrary<Instance>;

describe('the reference descent', () => {
  test('takes each step of the definition, to the rounding of one step in exact arithmetic', () => {
    const check = (instance: Instance): void => {
      const [target, block, tape] = [matrix(instance.M), blockSize(instance), noiseTape(instance)];
      const descent = referenceDescent(optionsOf(instance, scriptedNoise(tape)));
      for (let t = 0; t < instance.steps; t++) {
        const before = iterate(descent);
        const noise = tape.subarray(t * block, (t + 1) * block);
        descent.advance(1);
        const right = stacked(exactStep(target, before, instance, noise));
        const limit = stepRounding(target, before, perturb(before, instance, noise), instance);
        expect(norm(Matrix.sub(stacked(iterate(descent)), right))).toBeLessThanOrEqual(limit);
      }
    };
    for (const instance of fc.sample(instances, { seed: 1, numRuns: 100 })) check(instance);
  });

  test('has the iterates of ours over a long run, and draws no noise without noise', () => {
    const instance = {
      ...fc.sample(instances, { seed: 2, numRuns: 1 })[0]!,
      sigma1: 1 / 64,
      sigma2: 1 / 32,
      steps: 1000,
    };
    const [one, other] = [referenceDescent, perturbedGradientDescent].map((solver) => {
      const descent = descend(solver, { ...instance, eta: instance.eta / 16 });
      descent.advance(instance.steps);
      return stacked(iterate(descent));
    });
    expect(norm(Matrix.sub(one!, other!))).toBeLessThan(1e-9);
    const silent = scriptedNoise([]);
    const options = { target: matrix(instance.M), start: startOf(instance), stepSize: instance.eta };
    const plain = referenceDescent({ ...options, noise: { sigma1: 0, sigma2: 0, source: silent } });
    expect(() => plain.advance(3)).not.toThrow();
  });

  test('leaves its start alone, and gives copies', () => {
    const instance = fc.sample(instances, { seed: 3, numRuns: 1 })[0]!;
    const start = startOf(instance);
    const descent = referenceDescent({ target: matrix(instance.M), start, stepSize: 1 / 64 });
    const before = descent.X;
    descent.advance(5);
    expect(start.X.to2DArray()).toEqual(instance.X0);
    expect(before.to2DArray()).toEqual(instance.X0);
  });

  test('imports types only from src', () => {
    const text = readFileSync(new URL('../oracles/reference-descent.ts', import.meta.url), 'utf8');
    const imports = [...text.matchAll(/^import (type )?.* from '(.*)';$/gm)].map(([, type, from]) => [type, from]);
    expect(imports).toEqual([
      [undefined, 'ml-matrix'],
      ['type ', '../../src/index.ts'],
    ]);
  });
});
