/** The plan of a run: a slow solver is judged on fewer instances, expensive claims first among them. */
import { describe, expect, test, vi } from 'vitest';
import { Matrix } from '../../src/index.ts';
import { guarded, noWatch } from '../run/guard.ts';
import { secondsPerStep } from '../run/subject.ts';
import { advancing } from '../model/instance.ts';
import { RunClock, type Passed } from '../cli/run-clock.ts';
import { onTarget } from '../cli/order.ts';
import { givenIn, share } from '../cli/shared-target.ts';
import { claims } from '../claims/registry.ts';
import { cheapFirst, planned, planText, readCosts, secondsOf, sharedText, Shares } from '../run/plan.ts';
import { referenceDescent } from '../oracles/reference-descent.ts';

const ids = ['cheap', 'middle', 'dear'];
const costs = { cheap: 10, middle: 1000, dear: 100_000 };

describe('the plan', () => {
  test('gives all claims all instances if there is time', () => {
    const budget = { instances: 100, seconds: 600, perStep: 1e-6 };
    const plan = planned(ids, costs, budget);
    expect([...plan.values()]).toEqual([100, 100, 100]);
    expect(planText(plan, budget, 10)).toBe('');
  });

  test('cuts the expensive ones alike, keeps the cheap ones whole, and stays within the time', () => {
    const budget = { instances: 100, seconds: 600, perStep: 1e-3 };
    const plan = planned(ids, costs, budget);
    expect(plan.get('cheap')).toBe(100);
    expect(plan.get('middle')).toBe(100);
    expect(plan.get('dear')).toBe(4);
    expect(secondsOf(plan, costs, budget.perStep)).toBeLessThanOrEqual(600);
    expect(planText(plan, budget, 10)).toMatch(
      /^The solver takes 1 ms per step\. In 10 minutes 2 claims .* 100 instances, 1 on 4 to 4: --minutes/,
    );
  });

  test('leaves out claims without time for one instance; cheap claims come first', () => {
    const budget = { instances: 100, seconds: 50, perStep: 1e-2 };
    const plan = planned(ids, costs, budget);
    expect(plan.get('dear')).toBe(0);
    expect(plan.get('cheap')).toBe(100);
    expect(planText(plan, budget, 1)).toMatch(/1 cannot be afforded \(dear\): --minutes/);
    expect(secondsOf(plan, costs, budget.perStep)).toBeLessThanOrEqual(50);
  });

  test('on a target shares the remaining time among the waiting claims, the cheap ones first', () => {
    expect(cheapFirst(['dear', 'cheap', 'middle'], costs)).toEqual(ids);
    const shares = new Shares(ids, 30, 600, 2, 100);
    expect(shares.take('cheap', 100)).toBe(20);
    expect(shares.take('middle', 102)).toBe(28);
    expect(shares.take('none of those that apply', 102)).toBe(Infinity);
    // At least one instance is tried.
    expect(shares.take('dear', 140)).toBe(0);
    expect(new Shares(ids, 30, 600, 2, 0).take('dear', 601)).toBeUndefined();
  });

  test('a run on a target is over after a time, however long a claim takes', () => {
    const shares = new Shares(ids, 30, 50, 2, 100);
    expect([shares.isOver(149), shares.isOver(150)]).toEqual([false, true]);
    expect(shares.take('cheap', 150)).toBeUndefined();
  });

  test('the time of a run is the CPU time of its workers, and for a program all of it', () => {
    const at = (wall: number, cpu: number): Passed => ({ wall, cpu });
    const [ours, program] = [false, true].map((is) => new RunClock(is, at(10, 5)));
    // One worker that had the machine for half of the time, and one that had all of it, with a helper.
    expect(ours!.tick(1, at(20, 10))).toBe(5);
    expect(ours!.tick(1, at(30, 25))).toBe(15);
    expect(program!.tick(1, at(30, 6))).toBe(20);
  });

  test('on a target the claims about a step and about calls come first, however dear', () => {
    const dear = { 'definition/step': 9, 'contract/advance-adds': 8, 'gd/descent': 1, 'limit/distance': 2 };
    expect(onTarget(['limit/distance', 'definition/step', 'gd/descent', 'contract/advance-adds'], dear)).toEqual([
      'contract/advance-adds',
      'definition/step',
      'gd/descent',
      'limit/distance',
    ]);
  });

  test('workers see the entries of a target in one place, and unpack it once in a run', () => {
    const given = { target: [[1, -2.5, 0.1], [0, 1e-300, 3]], rank: 2, scale: 1 }; // prettier-ignore
    const shared = share(given);
    expect(givenIn(shared)).toEqual(given);
    expect(givenIn(shared)).toBe(givenIn(shared));
    expect(givenIn(share({ target: [[7]], rank: 1 }))).toEqual({ target: [[7]], rank: 1 });
    expect(givenIn({ dimension: 5 })).toEqual({ dimension: 5 });
  });

  test('on a target names the claims for which the time did not suffice', () => {
    expect(sharedText([100, 100], 100, 1 / 2)).toBe('');
    expect(sharedText([100, 40, 7, 0], 100, 1 / 2)).toBe(
      'In 30 seconds 1 claims were judged on 100 instances, 2 on 7 to 40, 1 on none: --minutes <N> gives them more time.',
    );
    expect(sharedText([100, 40], 100, 3)).toMatch(/^In 3 minutes 1 claims/);
  });

  test('knows the cost of every claim', () => {
    const known = readCosts();
    expect(claims.map(({ id }) => id).filter((id) => known[id] === undefined)).toEqual([]);
  });

  test('at 0.2 ms a step has all claims in ten minutes of two workers, at 20 microseconds in two', () => {
    const all = claims.map(({ id }) => id);
    for (const [perStep, minutes] of [
      [2e-4, 10],
      [2e-5, 2],
    ] as const) {
      const budget = { instances: 100, seconds: 120 * minutes, perStep };
      const plan = planned(all, readCosts(), budget);
      expect([...plan.values()].every((count) => count >= 1)).toBe(true);
      expect(secondsOf(plan, readCosts(), perStep)).toBeLessThanOrEqual(120 * minutes);
    }
  });
});

describe('a slow solver', () => {
  const slow =
    (milliseconds: number, calls: number[]): typeof referenceDescent =>
    (options) => {
      const descent = referenceDescent(options);
      return advancing(descent, (steps) => {
        calls.push(steps);
        const until = performance.now() + milliseconds * steps;
        while (performance.now() < until);
        descent.advance(steps);
      });
    };
  const options = { target: Matrix.ones(1, 1), start: { X: Matrix.ones(1, 1), Y: Matrix.ones(1, 1) }, stepSize: 0.1 };

  test('is timed', () => {
    expect(secondsPerStep(slow(1, []))).toBeGreaterThan(5e-4);
  });

  test('is called in pieces that add up, one of ordinary speed as it is asked', () => {
    const calls: number[] = [];
    const descent = guarded(slow(10, calls), noWatch)(options);
    descent.advance(64);
    descent.advance(250);
    expect(calls[0]).toBe(64);
    expect(calls.length).toBeGreaterThan(2);
    expect(calls.slice(1).reduce((sum, steps) => sum + steps, 0)).toBe(250);
    const others: number[] = [];
    // A clock that stands still: other work on the machine would make a quick solver a slow one.
    const clock = vi.spyOn(performance, 'now').mockReturnValue(0);
    const quick = guarded(slow(0, others), noWatch)(options);
    quick.advance(100);
    quick.advance(100_000);
    clock.mockRestore();
    expect(others).toEqual([100, 100_000]);
  });
});
