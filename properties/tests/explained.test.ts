/** A diagnosis is printed with a refutation only if it explains it. */
import { describe, expect, test } from 'vitest';
import antiPgd from '../../examples/variants/anti-pgd.ts';
import adam from '../../examples/variants/adam.ts';
import ivon from '../../examples/variants/ivon.ts';
import jin from '../../examples/variants/jin.ts';
import lpfSgd from '../../examples/variants/lpf-sgd.ts';
import nesterov from '../../examples/variants/nesterov.ts';
import addNoise from '../../examples/variants/optax-add-noise.ts';
import orvieto from '../../examples/variants/orvieto.ts';
import rwp from '../../examples/variants/rwp.ts';
import sam from '../../examples/variants/sam.ts';
import smoothOut from '../../examples/variants/smoothout.ts';
import type { Solver } from '../../src/index.ts';
import { normalCdf } from '../oracles/quantiles.ts';
import { referenceDescent } from '../oracles/reference-descent.ts';
import * as dense from '../../fixtures/dense.ts';
import { perturbation, plus, repeating, slope } from '../../fixtures/step.ts';
import { advancing } from '../model/instance.ts';
import { claimOf } from '../claims/registry.ts';
import { judge } from '../explain/judge.ts';
import { inspect } from '../run/subject.ts';

/** A factor without entries. */
const NONE: dense.Dense = { rows: 0, columns: 0, entries: [] };

describe('a diagnosis is printed with a refutation only if it explains it', () => {
  const judged = (solver: Solver, id: string): string | undefined =>
    judge(claimOf(id)!, inspect(solver), { seed: 1, instances: 20 }).refutation?.diagnosis;

  /** Half a step, then a little more with each step of a call. */
  const warmsUp: Solver = (options) => {
    let at = { X: options.start.X.clone(), Y: options.start.Y.clone() };
    return {
      get X() {
        return at.X;
      },
      get Y() {
        return at.Y;
      },
      advance(steps) {
        for (let t = 0; t < steps; t++) {
          const stepSize = options.stepSize * Math.min(1, 0.5 + t / 20);
          const one = referenceDescent({ ...options, start: at, stepSize });
          one.advance(1);
          at = { X: one.X, Y: one.Y };
        }
      },
    };
  };

  test('a step size that warms up within each call: the refutation of advance-adds says that cuts matter', () => {
    const said = judged(warmsUp, 'contract/advance-adds');
    expect(said).toMatch(/^Its iterates depend on how the steps are cut into calls of advance/);
    expect(said).not.toMatch(/What the solver does instead/);
  });

  test("Jin's perturbed gradient descent is named, not taken for noise of nearly no size", () => {
    expect(judged(jin, 'balance/emerges')).toMatch(
      /plain gradient steps, and now and then one from an iterate to which/,
    );
  });

  test('one number is said once', () => {
    const cubed: Solver = (options) => referenceDescent({ ...options, stepSize: options.stepSize ** 3 });
    expect(judged(cubed, 'definition/step')).toMatch(/\(another number on another problem\) times/);
  });

  test.each([
    [-1, 'n - 1'],
    [1, 'n + 1'],
  ])('calls that take %i steps more are counted', (more, text) => {
    const off: Solver = (options) => {
      const descent = referenceDescent(options);
      return advancing(descent, (steps) => descent.advance(steps + more));
    };
    expect(judged(off, 'definition/step')).toBe(
      `What the solver does instead: advance(n) takes ${text} steps, which are correct.`,
    );
  });

  const scaled =
    (factor: (options: Parameters<Solver>[0]) => number): Solver =>
    (options) =>
      referenceDescent({ ...options, stepSize: options.stepSize * factor(options) });
  /** 2 Phi(z) - 1 of each normal number z, by R's distribution function. */
  const uniformNoise: Solver = ({ noise: given, ...rest }) => {
    if (given === undefined) return referenceDescent(rest);
    const fill = (out: Float64Array): void => {
      given.source.fill(out);
      out.forEach((z, i) => (out[i] = 1 - 2 * normalCdf(-z)));
    };
    return referenceDescent({ ...rest, noise: { ...given, source: { fill } } });
  };
  const variants: [string, Solver, RegExp][] = [
    ['SAM', sam, /sharpness-aware minimisation \(SAM\)/],
    ['Anti-PGD', antiPgd, /Anti-PGD: a plain gradient step/],
    ["Nesterov's momentum", nesterov, /^What the solver does instead: Nesterov's momentum 0\.9:/],
    ['LPF-SGD', lpfSgd, /^What the solver does instead: LPF-SGD: the noise on a row of X or Y is scaled by the norm of that row\./],
    ['RWP', rwp, /^What the solver does instead: 0\.5 times the gradient under noise scaled by row norms \(RWP\) plus the rest of it without noise\./],
    ['SmoothOut', smoothOut, /^What the solver does instead: SmoothOut: the noise is uniform on \[-sigma, sigma\], and a gradient longer than 5 is clipped/],
    ['uniform noise', uniformNoise, /^What the solver does instead: the step whose noise is uniform on \[-sigma, sigma\], not normal\./],
    ['weight noise under momentum', orvieto, /^What the solver does instead: weight noise as Orvieto et al\. inject it: of scale sigma \/ sqrt 2, then SGD with momentum 0\.9/],
    ['IVON', ivon, /^What the solver does instead: IVON \(beta 0\.9 and 0\.99999\)/],
    ["optax's add_noise", addNoise, /^What the solver does instead: a plain gradient step, with noise of scale sigma \/ t\^0\.275 added to the gradient in step t/],
    ['Adam', adam, /^What the solver does instead: Adam \(beta 0\.9 and 0\.999\)/],
    ['a step size that is squared', (options) => referenceDescent({ ...options, stepSize: options.stepSize ** 2 }), /eta times the correct step: the step size is squared/],
    ['a mean-squared loss', scaled(({ target }) => 2 / (target.rows * target.columns)), /^What the solver does instead: 2 \/ \(d1 d2\) times/],
    ['a step that is off by a factor sigma', scaled(({ noise }) => (noise === undefined || noise.sigma1 === 0 ? 1 : noise.sigma1)), /sigma1 times the correct step/],
    ['one scale for both factors', ({ noise, ...rest }) => referenceDescent(noise === undefined ? rest : { ...rest, noise: { ...noise, sigma2: noise.sigma1 } }), /the step with sigma1 for both factors/],
  ]; // prettier-ignore
  test('a solver that draws nothing for a factor without noise is not said to draw for Y first', () => {
    const frugal = repeating((options) => (at) => {
      const { noise } = options;
      const drawn = (A: dense.Dense, sigma: number): dense.Dense =>
        sigma === 0 ? dense.scaled(A, 0) : perturbation({ noise: { ...noise!, sigma1: sigma } }, { X: A, Y: NONE }).X;
      const xi = { X: drawn(at.X, noise?.sigma1 ?? 0), Y: drawn(at.Y, noise?.sigma2 ?? 0) };
      return plus(at, slope(options, plus(at, xi)), -options.stepSize);
    });
    expect(judged(frugal, 'definition/step')).toMatch(
      /draws no numbers for a factor whose scale of noise is 0[^]*It drew \d+ random numbers instead of \d+/,
    );
  });

  test.each(variants)('%s is named', (_, solver, text) => {
    expect(judged(solver, 'definition/step')).toMatch(text);
  });
});
