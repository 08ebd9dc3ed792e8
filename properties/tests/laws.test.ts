/**
 * Solvers with their own random numbers are tested in distribution: those with a wrong distribution are refuted,
 * correct ones pass.
 */
import { describe, expect, test } from 'vitest';
import { deaf } from '../../fixtures/deaf.ts';
import ownRandomNumbers from '../../fixtures/equivalent/own-random-numbers.ts';
import type { DescentOptions, Solver } from '../../src/index.ts';
import { referenceDescent } from '../oracles/reference-descent.ts';
import { judge } from '../explain/judge.ts';
import { inspect } from '../run/subject.ts';
import type { Verdict } from '../model/verdict.ts';
import { claims, familyOf } from '../claims/registry.ts';
import { freshSeed } from '../model/seeds.ts';
import { mutantNames } from '../cli/kills.ts';

type Noise = NonNullable<DescentOptions['noise']>;

const seed = Number(process.env['SEED'] ?? freshSeed());

function judged(id: string, solver: Solver, instances: number): Verdict {
  const claim = claims.find((each) => each.id === id)!;
  return judge(claim, inspect(solver), { seed, instances, shrink: false });
}

/**
 * The claims that refute them soonest without injected noise; the others have a wrong distribution of a single step.
 */
const REFUTED_BY: Readonly<Record<string, string>> = {
  alternating: 'gd/imbalance-kept',
  'balanced-by-force': 'escape/median-time',
  'decaying-step': 'law/mean-step',
  'input-mutated': 'contract/input-untouched',
  'noise-alternates-in-sign': 'law/successive',
  'noise-correlated-in-time': 'law/successive',
  'noise-decays': 'law/mean-step',
  'noise-in-the-residual-only': 'law/mean-step',
  'noise-shared-by-factors': 'law/white-steps',
  'noise-stops': 'experiment/hyperbola',
  'noise-uncorrelated-only': 'law/white-steps',
  'answer-known': 'law/mean-step',
  'long-calls-cut': 'contract/advance-adds',
  momentum: 'gd/imbalance-kept',
  'same-noise-every-step': 'law/successive',
  'shared-state': 'contract/no-shared-state',
  'stale-gradient': 'gd/imbalance-kept',
  untransposed: 'gd/imbalance-kept',
};

/** Correct in distribution; only its rounding is too large. */
const RIGHT_IN_LAW = ['single-precision'];

describe('deaf to the source', () => {
  const wrong = mutantNames().filter((name) => !RIGHT_IN_LAW.includes(name));

  test.each(wrong)('%s is refuted in distribution', async (name) => {
    const { default: solver } = (await import(`../../fixtures/mutants/${name}.ts`)) as { default: Solver };
    const subject = deaf(solver);
    expect(inspect(subject).ownNoise).toBe(true);
    expect(judged(REFUTED_BY[name] ?? 'law/step-variance', subject, 300).outcome).toBe('refuted');
  });

  test.each([9, 40, 200])('noise that is correlated with that of %i steps before is refuted', (lag) => {
    const subject = deaf((options) =>
      referenceDescent({ ...options, ...(options.noise && { noise: lagging(options, options.noise, lag) }) }),
    );
    expect(judged('law/step-variance', subject, 20).outcome).toBe('refuted');
  });

  const laws = claims.filter((claim) => familyOf(claim) === 'law' && claim.needs === 'law');
  test.each(laws.map(({ id }) => id))('a solver that is right passes %s', (id) => {
    expect(judged(id, ownRandomNumbers, 10).outcome).toBe('holds');
  });
});

/** Noise of variance 1 whose correlation with that of `lag` steps before is 1/2. */
function lagging({ start }: DescentOptions, noise: Noise, lag: number): Noise {
  const size = (start.X.rows + start.Y.rows) * start.X.columns;
  const before = new Float64Array(lag * size);
  let used = 0;
  return {
    ...noise,
    source: {
      fill(out) {
        noise.source.fill(out);
        for (let i = 0; i < out.length; i++, used++) {
          const at = used % before.length;
          out[i] = used < before.length ? out[i]! : before[at]! / 2 + Math.sqrt(3 / 4) * out[i]!;
          before[at] = out[i]!;
        }
      },
    },
  };
}
