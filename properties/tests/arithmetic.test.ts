/** Planted violations that doubles could have made: of the mathematics, of the rounding, of the claim. */
import { describe, expect, test } from 'vitest';
import { perturbedGradientDescent, scriptedNoise, type Solver } from '../../src/index.ts';
import textbook from '../../fixtures/faithful/textbook.ts';
import { arithmetic, isBorderline } from '../judging/arithmetic.ts';
import { equal, type Claim } from '../claim.ts';
import { judge } from '../judging/judge.ts';
import { iterate, matrix, noiseTape, optionsOf, startOf, type Instance } from '../instance.ts';
import { exactStep } from '../oracles/exact-descent.ts';
import { stacked } from '../oracles/formula.ts';
import { claimOf } from '../registry.ts';
import { inspect } from '../judging/subject.ts';

const instance: Instance = {
  M: [
    [2, 1, -1],
    [1, 3, 0.5],
  ],
  X0: [
    [1, 0.3],
    [-0.7, 1],
  ],
  Y0: [
    [0.1, -1],
    [1, 0.25],
    [-0.75, 0.6],
  ],
  ...{ eta: 1 / 64, sigma1: 1 / 2, sigma2: 1 / 4, steps: 3, seed: 5 },
};
const tape = noiseTape(instance);

/** A first step against the formula in exact arithmetic, with a tolerance of so much. */
const firstStep = (tolerance: number, shift = 0): Claim['check'] => {
  const start = startOf(instance);
  const right = stacked(exactStep(matrix(instance.M), start, instance, tape.subarray(0, 10)));
  return (solver) => {
    const descent = solver(optionsOf(instance, scriptedNoise(tape)));
    descent.advance(1);
    return equal('(X; Y)', stacked(iterate(descent)).add(shift), right, tolerance);
  };
};

function said(check: Claim['check'], solver: Solver, rest: Partial<Claim> = {}): string | undefined {
  const subject = inspect(solver);
  return arithmetic({ check, needs: 'coupling', ...rest }, subject, instance, check(subject.solver, instance));
}

/** Our solver, with its X off by so many units in the last place of 1, from its first step on. */
const offBy =
  (units: number): Solver =>
  (options) => {
    const descent = perturbedGradientDescent(options);
    let taken = 0;
    return {
      get X() {
        return taken > 0 ? descent.X.add(units * Number.EPSILON) : descent.X;
      },
      get Y() {
        return descent.Y;
      },
      advance(steps) {
        taken += steps;
        descent.advance(steps);
      },
    };
  };

describe('a violation that doubles could have made', () => {
  test('is the mathematics where a step is off by more than its rounding', () => {
    expect(said(firstStep(1e-13), offBy(1000))).toMatch(
      /^It is the mathematics, not the rounding: step 1 of a descent is off by 4\.\d+e-13 in exact arithmetic, \d+\.\d+ times what/,
    );
  });

  test('is the rounding where the steps are right, and the claim holds without rounding', () => {
    expect(said(firstStep(1e-20), textbook)).toMatch(
      /^It is the rounding, not the mathematics: each of 1 steps is right .* and the claim holds for steps without rounding\./,
    );
  });

  test('is the claim where even steps without rounding violate it', () => {
    expect(said(firstStep(1e-15, 1e-14), perturbedGradientDescent)).toMatch(
      /^It is the claim, not the solver: each of 1 steps is right .* violated by steps without any rounding too\./,
    );
  });

  test('is the mathematics where only several steps at a time are wrong', () => {
    // Repeats its last bits in runs of several steps.
    const sloppy: Solver = (options) => {
      const descent = perturbedGradientDescent(options);
      let batch = 0;
      return {
        get X() {
          return batch > 1 ? descent.X.add(1000 * Number.EPSILON) : descent.X;
        },
        get Y() {
          return descent.Y;
        },
        advance(steps) {
          batch = steps;
          descent.advance(steps);
        },
      };
    };
    const twoWays: Claim['check'] = (solver) => {
      const [whole, parts] = [1, 2].map(() => solver(optionsOf(instance, scriptedNoise(tape))));
      whole!.advance(3);
      for (let t = 0; t < 3; t++) parts!.advance(1);
      return equal('(X; Y)', stacked(iterate(whole!)), stacked(iterate(parts!)), 1e-15);
    };
    expect(said(twoWays, sloppy)).toMatch(/^It is the mathematics, .*: taken one at a time each of 6 steps is right/);
  });

  test('is the mathematics where a step draws the wrong number of random numbers', () => {
    const greedy: Solver = (options) => {
      options.noise?.source.fill(new Float64Array(1));
      return perturbedGradientDescent(options);
    };
    const late: Solver = (options) => {
      const descent = perturbedGradientDescent(options);
      return { ...descent, X: descent.X, Y: descent.Y, advance: () => options.noise?.source.fill(new Float64Array(3)) };
    };
    expect(said(firstStep(1), greedy)).toMatch(/^It is the mathematics/);
    const found = arithmetic({ check: firstStep(1), needs: 'coupling' }, inspect(late), instance, equal('', 1, 2, 1));
    expect(found).toMatch(/step 1 of a descent drew 3 random numbers where 10 were due/);
  });
});

test('the refutation says what it is', () => {
  // Shrunk to zeros it would leave nothing that rounds.
  const options = { seed: 1, instances: 100, work: 0 };
  const near = judge(claimOf('definition/step')!, inspect(offBy(2000)), options);
  expect(near).toMatchObject({ outcome: 'refuted' });
  expect(near.refutation!.arithmetic).toMatch(/^It is the mathematics, not the rounding: step 1 /);
  const far = judge(claimOf('definition/step')!, inspect(offBy(1e9)), options);
  expect(far.refutation!.arithmetic).toBeUndefined();
});

describe('says what it did not look at', () => {
  const near = equal('', 1, 2, 1 / 2);

  test('claims of the theory', () => {
    const claim = { check: () => near, needs: 'theory' } as const;
    expect(arithmetic(claim, inspect(textbook), instance, near)).toMatch(/^It was not computed again .* of the theory/);
  });

  test('claims that random numbers decide', () => {
    const errors = { alpha: 1e-10, basis: 'exact bound' } as const;
    const claim = { check: () => near, needs: 'law', errors } as const;
    expect(arithmetic(claim, inspect(textbook), instance, near)).toMatch(/chance of at most 1e-10/);
  });

  test('solvers with random numbers of their own', () => {
    const subject = { solver: perturbedGradientDescent, ownNoise: true };
    expect(arithmetic({ check: firstStep(1e-20), needs: 'law' }, subject, instance, near)).toMatch(/of its own/);
  });

  test('runs that are too long', () => {
    const long: Claim['check'] = (solver) => {
      const { eta, M } = instance;
      const descent = solver({ target: matrix(M), start: startOf(instance), stepSize: eta });
      descent.advance(5000);
      return equal('', 1, 2, 1 / 2);
    };
    expect(said(long, perturbedGradientDescent)).toMatch(/^It seems to be the rounding: each of the first 4096 steps/);
  });
});

test('nothing is said where rounding is out of the question', () => {
  expect(isBorderline(equal('', 1, 2, 1e-4))).toBe(false);
  expect(isBorderline(equal('', 1, 1 + 1e-13, 0))).toBe(true);
  expect(isBorderline(equal('', NaN, 1, 1))).toBe(false);
  expect(said(firstStep(1e-9), offBy(1e12))).toBeUndefined();
  expect(said(firstStep(1e-20), textbook, { expected: 'refuted' })).toBeUndefined();
});
