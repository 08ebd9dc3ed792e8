/** The recorded calls of a solver in a check, and the part that becomes the certificate. */
import { describe, expect, test } from 'vitest';
import { Diverged } from '../../src/errors.ts';
import { scriptedNoise, type Solver } from '../../src/index.ts';
import momentum from '../../fixtures/mutants/momentum.ts';
import plainGd from '../../fixtures/mutants/plain-gd.ts';
import textbook from '../../fixtures/equivalent/textbook.ts';
import withoutResidual from '../../fixtures/equivalent/without-residual.ts';
import { equal, toPlain, type Claim } from '../model/claim.ts';
import { advancing, iterate, matrix, noiseTape, optionsOf, startOf } from '../model/instance.ts';
import { judge } from '../explain/judge.ts';
import { inspect, type Subject } from '../run/subject.ts';
import { departure } from '../oracles/exact-path.ts';
import { stacked } from '../oracles/formula.ts';
import { u } from '../oracles/rounding.ts';
import { certificateOf } from '../explain/certificates.ts';
import type { Certificate } from '../model/certificate.ts';
import { transcribed, type Stretch } from '../explain/transcript.ts';
import { claimOf } from '../claims/registry.ts';
import { CHAOS, instance, refutations } from './planted.ts';
import { referenceDescent } from '../oracles/reference-descent.ts';

const tape = noiseTape(instance);

test('every stretch between two readings is taken down, with its calls and the noise that was due', () => {
  const stretches: Stretch[] = [];
  const nobody = {
    stretch: (each: Stretch) => stretches.push(each),
    change: () => undefined,
    overdraft: () => undefined,
  };
  const solver = transcribed(referenceDescent, nobody);
  const [one, other] = [1, 2].map(() => solver(optionsOf(instance, scriptedNoise(tape))));
  one!.advance(1);
  other!.advance(1);
  one!.advance(2);
  const third = stacked(iterate(one!));
  one!.advance(1);
  void one!.Y;
  expect(stretches).toMatchObject([
    { taken: 0, calls: [1, 2], between: 1, eta: instance.eta, before: startOf(instance) },
    { taken: 3, calls: [1], between: 0 },
  ]);
  expect(stretches.map(({ blocks }) => blocks.length)).toEqual([3, 1]);
  expect(stretches.flatMap(({ blocks }) => blocks.flatMap((block) => [...block]))).toEqual([...tape]);
  expect(stacked(stretches[0]!.after)).toEqual(third);
  expect(stretches[1]!.before).toEqual(stretches[0]!.after);
  expect(stretches.map((each) => departure(each, each.after)).every(({ distance, bound }) => distance <= bound)).toBe(
    true,
  );
});

describe('the certificate', () => {
  const of = (name: keyof typeof refutations): Certificate | undefined => refutations[name].certificate;

  test('is a stretch of the check itself', () => {
    expect(of('a step')).toMatchObject({ kind: 'steps', taken: 1, calls: [1] });
    expect(of('a step')).not.toHaveProperty('between');
    expect(of('two of several steps')).toMatchObject({ kind: 'steps', taken: 0, calls: [4] });
    expect(of('shared state')).toMatchObject({ kind: 'steps', taken: 0, calls: [1, 1, 1, 1], between: 4 });
    expect(of('not finite')).toMatchObject({ kind: 'steps', taken: 1, calls: [1], distance: Infinity });
    expect(of('an inequality')).toMatchObject({ kind: 'steps', taken: 0, noise: [] });
  });

  test('is the changed input, the excess random numbers, or else the sides of the claim', () => {
    const before = { rhs: instance.X0, relation: '=', tolerance: 0 };
    expect(of('a changed start')).toMatchObject({
      kind: 'sides',
      what: 'X0 after 4 steps, as the solver returned it',
      ...before,
    });
    expect(of('too many random numbers')).toMatchObject({ kind: 'sides', lhs: 5, relation: '=', rhs: 4, tolerance: 0 });
    expect(of('other bits')).toMatchObject({ kind: 'sides', what: '(X; Y)', relation: '=', tolerance: 0 });
  });

  /** The end of a run, read after its last step only, against nothing. */
  const check: Claim['check'] = (solver, run) => {
    const descent = solver(optionsOf(run, scriptedNoise(noiseTape(run))));
    descent.advance(run.steps);
    const end = stacked(iterate(descent));
    return equal('the end', end, end.clone().mul(0), 0);
  };
  const certified = (subject: Subject, steps: number, of = instance): Certificate | undefined => {
    const run = { ...of, steps };
    return certificateOf({ check }, subject, run, toPlain(check(subject.solver, run)));
  };

  test('is a single step if the check reads too seldom for a checker to follow', () => {
    expect(certified(inspect(momentum), 64)).toMatchObject({ kind: 'steps', taken: 0, calls: [64] });
    expect(certified(inspect(momentum), 65)).toMatchObject({ kind: 'steps', taken: 1, calls: [1] });
  });

  test('leaves out steps with unknown noise', () => {
    expect(certified({ ...inspect(momentum), ownNoise: true }, 4)).toMatchObject({ kind: 'sides', what: 'the end' });
  });

  test('blames no step of a correct solver, even if its run is chaotic', () => {
    expect(certified(inspect(textbook), 64)).toMatchObject({ kind: 'sides', what: 'the end' });
    expect(certified(inspect(withoutResidual), 64, CHAOS)).toMatchObject({ kind: 'sides', what: 'the end' });
  });

  test('is absent if the solver did not answer', () => {
    const silentThrow: Solver = (options) =>
      advancing(referenceDescent(options), () => {
        throw new Diverged(1, 1);
      });
    const subject = inspect(silentThrow);
    expect(certificateOf({ check }, subject, instance, 'the solver threw')).toBeUndefined();
  });

  test('comes with refutations of deterministic claims about solvers', () => {
    const certificate = (id: string, solver: Solver): Certificate | undefined => {
      const { refutation } = judge(claimOf(id)!, inspect(solver), { seed: 1, instances: 20, work: 0 });
      expect(refutation).toBeDefined();
      return refutation!.certificate;
    };
    expect(certificate('definition/step', momentum)).toMatchObject({ kind: 'steps' });
    expect(certificate('balance/martingale', plainGd)).toBeUndefined();
    expect(certificate('dominance/folklore', momentum)).toBeUndefined();
  });
});

describe('the bound on rounding', () => {
  const silence = { sigma1: 0, sigma2: 0, blocks: Array.from({ length: 64 }, () => new Float64Array(0)) };

  test('is some hundred units of rounding for one step of small matrices', () => {
    const { M, eta } = instance;
    const steps = { target: matrix(M), eta, before: startOf(instance), ...silence, blocks: [new Float64Array(0)] };
    const { bound } = departure(steps, startOf(instance));
    expect(bound).toBeGreaterThan(10 * u);
    expect(bound).toBeLessThan(200 * u);
  });

  test.each([textbook, withoutResidual])('is beyond the effect of rounding in chaos', (solver) => {
    const start = startOf(CHAOS);
    const descent = solver(optionsOf(CHAOS, scriptedNoise([])));
    descent.advance(64);
    const steps = { target: matrix(CHAOS.M), eta: CHAOS.eta, before: start, ...silence };
    const { distance, bound } = departure(steps, iterate(descent));
    expect(distance).toBeGreaterThan(0.1);
    expect(distance).toBeLessThan(bound);
  });
});
