/** Solvers with random numbers of their own: the count of their trials, and their blame. */
import { describe, expect, test } from 'vitest';
import { unlucky } from '../../fixtures/unlucky.ts';
import { deaf } from '../../fixtures/deaf.ts';
import type { Solver } from '../../src/index.ts';
import { referenceDescent } from '../oracles/reference-descent.ts';
import { equal, type Claim } from '../model/claim.ts';
import { advancing } from '../model/instance.ts';
import { SolverFault } from '../run/guard.ts';
import { judge } from '../explain/judge.ts';
import { inspect } from '../run/subject.ts';
import { refutationText } from '../explain/refutation.ts';
import { claimOf } from '../claims/registry.ts';
import { freshSeed } from '../model/seeds.ts';
import { chancy } from './chancy.ts';

const seed = Number(process.env['SEED'] ?? freshSeed());
const options = { seed, instances: 100, shrink: false };

/** Without the noise of the failed trial to compare with. */
const lone = { ...inspect(referenceDescent), ownNoise: true };

describe('a solver with random numbers of its own', () => {
  // One of 8 problems, 4 times 25 instances: none is missed, or 13 of the 25 of a claim, which leave it undecided, with a chance of 1e-5.
  test('that is unlucky on some problems passes, and its misses are shown', () => {
    const ids = ['limit/closed-form', 'balance/emerges', 'limit/forgets-start', 'law/mean-step'];
    const verdicts = ids.map((id) => judge(claimOf(id)!, inspect(unlucky(8)), { ...options, instances: 25 }));
    expect(verdicts.map(({ outcome }) => outcome)).toEqual(ids.map(() => 'holds'));
    expect(verdicts.reduce((sum, { missed = [] }) => sum + missed.length, 0)).toBeGreaterThan(0);
  });

  test('whose runs are all the same counts as one run', () => {
    const deterministic: Solver = ({ noise: _, ...rest }) => referenceDescent(rest);
    const subject = inspect(deterministic);
    expect(subject).toMatchObject({ ownNoise: true, repeats: true });
    const { refutation } = judge(claimOf('balance/emerges')!, subject, options);
    expect(refutation).toMatchObject({ blame: 'solver', trials: { solver: { failed: 1, of: 1 } } });
    expect(refutationText(claimOf('balance/emerges')!, refutation!, '')).toMatch(/runs are the same to the last bit/);
  });

  test('that throws in a confirming trial has a fault', () => {
    const claim = chancy(1, 0);
    const throwing: Claim = {
      ...claim,
      check(solver, instance) {
        if (instance.trial === 3) throw new SolverFault('the solver threw: tired');
        return claim.check(solver, instance);
      },
    };
    expect(judge(throwing, lone, options)).toMatchObject({
      outcome: 'fault',
      fault: { message: 'the solver threw: tired' },
    });
  });

  test('that answers NaN now and then is a miss, and the answer is reported', () => {
    // The first trials of 5 of the 100 instances, for every seed: a claim is undecided from 25 on.
    let first = 0;
    const claim: Claim = {
      ...chancy(0, 0),
      check(_, { trial = 0 }) {
        if (trial === 0 && first++ % 20 === 0) throw new SolverFault("the solver's X has NaN", { wrongAnswer: true });
        return equal('x', 0, 0, 0);
      },
    };
    const { outcome, missed } = judge(claim, lone, options);
    expect(outcome).toBe('holds');
    expect(missed!.map(({ answer }) => answer)).toEqual(Array.from({ length: 5 }, () => "the solver's X has NaN"));
  });

  test('whose runs share state is blamed like any other', () => {
    let calls = 0;
    const sharing: Solver = (given) => {
      const descent = referenceDescent({ ...given, stepSize: given.stepSize / (1 + calls++ / 50) });
      return advancing(descent, (steps) => descent.advance(steps));
    };
    expect(judge(claimOf('contract/no-shared-state')!, inspect(sharing), options)).toMatchObject({
      outcome: 'refuted',
      refutation: { blame: 'solver' },
    });
  });
});

test('a solver with its own random numbers is known as one, though it throws on some shapes', () => {
  const throwing: Solver = (options) => {
    if (options.start.X.columns === 1 && options.start.X.rows === 2) throw new Error('no two rows');
    return deaf(referenceDescent)(options);
  };
  expect(inspect(throwing).ownNoise).toBe(true);
});
