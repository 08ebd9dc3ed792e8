/** Planted violations that doubles could have made: of the mathematics, of the rounding, of the claim. */
import { describe, expect, test } from 'vitest';
import { scriptedNoise, type Solver } from '../../src/index.ts';
import withoutResidual from '../../fixtures/equivalent/without-residual.ts';
import textbook from '../../fixtures/equivalent/textbook.ts';
import { attribution, isBorderline, type Attribution } from '../run/arithmetic.ts';
import { equal, toPlain, type Claim } from '../model/claim.ts';
import { judge } from '../explain/judge.ts';
import { iterate, matrix, noiseTape, optionsOf, startOf, type Instance } from '../model/instance.ts';
import { exactStep } from '../oracles/exact-descent.ts';
import { referenceDescent } from '../oracles/reference-descent.ts';
import { stacked } from '../oracles/formula.ts';
import { claimOf } from '../claims/registry.ts';
import { inspect } from '../run/subject.ts';

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

/** A first step against the formula in exact arithmetic, with this tolerance. */
const firstStep = (tolerance: number, shift = 0): Claim['check'] => {
  const start = startOf(instance);
  const right = stacked(exactStep(matrix(instance.M), start, instance, tape.subarray(0, 10)));
  return (solver) => {
    const descent = solver(optionsOf(instance, scriptedNoise(tape)));
    descent.advance(1);
    return equal('(X; Y)', stacked(iterate(descent)).add(shift), right, tolerance);
  };
};

function blamed(check: Claim['check'], solver: Solver, rest: Partial<Claim> = {}): Attribution {
  const subject = inspect(solver);
  const finding = toPlain(check(subject.solver, instance));
  return attribution({ check, needs: 'coupling', ...rest }, subject, instance, finding);
}

/** Who is blamed, and the sentence about it. */
const said = (...args: Parameters<typeof blamed>): string => Object.values(blamed(...args)).join(': ');

/** Our solver, with its X off by this number of units in the last place of 1, from its first step on. */
const offBy =
  (units: number): Solver =>
  (options) => {
    const descent = referenceDescent(options);
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
  test('is the mathematics if a step is off by more than its rounding', () => {
    expect(said(firstStep(1e-13), offBy(1000))).toMatch(
      /^solver: Not a rounding error: step 1 of a descent is off by 4\.\d+e-13 in exact arithmetic, \d+\.\d+ times the bound/,
    );
  });

  test('is the rounding if the steps are correct, and the claim holds without rounding', () => {
    expect(said(firstStep(1e-20), textbook)).toMatch(
      /^rounding: It is the rounding, not the mathematics: each of 1 steps is correct .* and the claim holds for steps without rounding\./,
    );
  });

  test('is the claim if even steps without rounding violate it', () => {
    expect(said(firstStep(1e-15, 1e-14), referenceDescent)).toMatch(
      /^statement: It is the claim, not the solver: each of 1 steps is correct .* violated for steps without rounding too\./,
    );
  });

  test('is the mathematics if only several steps at a time are wrong', () => {
    // Repeats its last bits in runs of several steps.
    const sloppy: Solver = (options) => {
      const descent = referenceDescent(options);
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
    expect(said(twoWays, sloppy)).toMatch(
      /^solver: Not a rounding error: single steps are correct, but advance\(n\) differs from n single steps\.$/,
    );
  });

  test('is the mathematics if a step draws the wrong number of random numbers', () => {
    const greedy: Solver = (options) => {
      options.noise?.source.fill(new Float64Array(1));
      return referenceDescent(options);
    };
    const late: Solver = (options) => {
      const descent = referenceDescent(options);
      return { ...descent, X: descent.X, Y: descent.Y, advance: () => options.noise?.source.fill(new Float64Array(3)) };
    };
    expect(said(firstStep(1), greedy)).toMatch(/^solver: Not a rounding error/);
    const claim = { check: firstStep(1), needs: 'coupling' } as const;
    const found = attribution(claim, inspect(late), instance, toPlain(equal('', 1, 2, 1)));
    expect(found).toMatchObject({ blame: 'solver' });
    expect(found.arithmetic).toMatch(/step 1 of a descent drew 3 random numbers instead of 10/);
  });
});

test('the refutation names the cause', () => {
  // Shrunk to zeros it would leave nothing that rounds.
  const options = { seed: 1, instances: 100, work: 0 };
  const near = judge(claimOf('definition/step')!, inspect(offBy(2000)), options);
  expect(near).toMatchObject({ outcome: 'refuted' });
  expect(near.refutation!.arithmetic).toMatch(/^Not a rounding error: step 1 /);
  const far = judge(claimOf('definition/step')!, inspect(offBy(1e13)), options);
  expect(far.refutation!.arithmetic).toBeUndefined();
});

describe('if exact arithmetic does not decide', () => {
  const near = toPlain(equal('', 1, 2, 1 / 2));

  test('a claim of the theory is blamed itself: it runs no solver', () => {
    const claim = { check: () => equal('', 1, 2, 1 / 2), needs: 'theory' } as const;
    const found = attribution(claim, inspect(textbook), instance, near);
    expect(found.blame).toBe('statement');
    expect(found.arithmetic).toMatch(/does not run your solver/);
  });

  test('a solver with random numbers of its own is compared with the reference', () => {
    const subject = { solver: referenceDescent, ownNoise: true };
    const found = attribution({ check: firstStep(1e-15), needs: 'law' }, subject, instance, near);
    expect(found.blame).toBe('solver');
    expect(found.arithmetic).toMatch(/of its own/);
  });

  /** After 5000 steps, against a side that is off by this amount. */
  const long =
    (off: number): Claim['check'] =>
    (solver) => {
      const { eta, M } = instance;
      const descent = solver({ target: matrix(M), start: startOf(instance), stepSize: eta });
      descent.advance(5000);
      const end = stacked(iterate(descent));
      const reference = referenceDescent({ target: matrix(M), start: startOf(instance), stepSize: eta });
      reference.advance(5000);
      return equal('', end, stacked(iterate(reference)).add(off), 1e-18);
    };

  test('runs that are too long are repeated by the reference in doubles', () => {
    expect(said(long(1e-14), referenceDescent)).toMatch(/^statement: .* the first 4096 steps is correct/);
    // It rounds otherwise than the reference.
    expect(said(long(0), withoutResidual)).toMatch(/^rounding: .* for the descent of the definition in doubles/);
  });
});

test("a violation beyond rounding is the solver's if the claim holds for the reference", () => {
  expect(isBorderline(equal('', 1, 2, 1e-4))).toBe(false);
  expect(isBorderline(equal('', 1, 1 + 1e-13, 0))).toBe(true);
  expect(isBorderline(equal('', NaN, 1, 1))).toBe(false);
  expect(blamed(firstStep(1e-9), offBy(1e12))).toEqual({ blame: 'solver' });
  expect(said(firstStep(1e-9, 1), referenceDescent)).toMatch(/^statement: The descent of the definition breaks/);
  expect(blamed(firstStep(1e-20), textbook, { expected: 'refuted' })).toEqual({ blame: 'statement' });
});

test("an answer that is not finite is the solver's if the reference stays finite", () => {
  const claim = { check: firstStep(1), needs: 'coupling' } as const;
  expect(attribution(claim, inspect(textbook), instance, 'X has NaN')).toEqual({ blame: 'solver' });
});
