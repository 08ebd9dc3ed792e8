/** The mistake of a solver is found from its steps. */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Matrix } from 'ml-matrix';
import type { DescentOptions, Solver } from '../../src/index.ts';
import { referenceDescent } from '../oracles/reference-descent.ts';
import * as dense from '../../fixtures/dense.ts';
import { perturbation, plus, repeating, slope } from '../../fixtures/step.ts';
import { diagnose } from '../explain/diagnosis.ts';
import { advancing, type Instance } from '../model/instance.ts';
import { plainFormula } from '../explain/plain-formula.ts';
import { claimOf, claims } from '../claims/registry.ts';
import { judge } from '../explain/judge.ts';
import { inspect } from '../run/subject.ts';
import { scaledNoise } from '../run/violations.ts';
import { rank } from '../../src/linear-algebra/geometry.ts';

const load = async (file: string): Promise<Solver> =>
  ((await import(pathToFileURL(resolve('fixtures', file)).href)) as { default: Solver }).default;

/** 2 x 2 from the origin, with 300 steps. */
const instance: Instance = {
  M: [
    [1, 0.5],
    [0, 2],
  ],
  X0: [[0], [0]],
  Y0: [[0], [0]],
  ...{ eta: 1 / 32, sigma1: 1 / 2, sigma2: 1 / 4, steps: 300, seed: 3 },
};

/** The text for each faulty solver; `...` replaces numbers. */
const SAID: Readonly<Record<string, RegExp>> = {
  alternating: /Y's gradient already uses the new X\./,
  'balanced-by-force': /and then X times .* and Y divided by it: the factors are rescaled/,
  'clipped-gradient': /the correct step cut to a length of eta/,
  'column-skipped': /except that column 2 of 2 of Y does not move/,
  'decaying-step': /0\.9846, 0\.9697, 0\.9552, 0\.9412 and so on times the correct step: .*, from step 2 on/,
  'doubled-gradient': /: 2 times the correct step/,
  momentum: /the correct step plus 0\.5 times the step before: momentum, from step 2 on/,
  'noise-alternates-in-sign': /minus the noise of the step before, in steps 2, 4, 6, 8 and so on/,
  'noise-biased': /noise has the mean 0\.1 sigma, not 0/,
  'noise-by-variance': /noise has variance sigma, not sigma\^2/,
  'noise-decays': /noise 0\.7071, 0\.5774, 0\.5, 0\.4472 and so on times as large as asked for, from step 2 on/,
  'noise-every-other-step': /without noise, in steps 1, 3, 5, 7 and so on/,
  'noise-five-percent-large': /noise 1\.05 times as large as asked for\./,
  'noise-in-the-residual-only': /the noise is in the residual only/,
  'noise-moves-the-iterate': /starts at the perturbed point/,
  'noise-on-iterate': /a plain gradient step, and then eta times the noise added/,
  'noise-on-x-only': /noise on X only: xi2 never reaches Y/,
  'noise-on-y-only': /noise on Y only: xi1 never reaches X/,
  'noise-per-gradient': /noise on the other one only/,
  'noise-relative': /noise relative to the entries/,
  'noise-shared-by-factors': /Y is perturbed by X's random numbers again/,
  'noise-shared-by-rows': /all rows of a factor are perturbed alike/,
  'noise-stops': /without noise, from step 257 on\.\n\(It agrees with the solver here, up to rounding/,
  'plain-gd': /plain gradient descent: the gradient at \(X, Y\) itself, without noise\./,
  'row-skipped': /except that row \d of \d of X does not move/,
  'same-noise-every-step': /the noise of the first step again: [^]* drew 4 random numbers instead of 24/,
  'sigmas-swapped': /sigma1 and sigma2 swapped/,
  'single-precision': /rounded to single precision/,
  'stale-gradient': /one step late, from step 2 on/,
  'steps-miscounted': /two steps instead of one[^]* drew 48 random numbers instead of 24/,
  untransposed: /the residual is not transposed/,
  'weight-decay': /the mean step/,
  // These mistakes are no known misreading, or not a matter of single steps.
  'answer-known': /^Its steps are wrong, and no known mistake explains them\.$/,
  'noise-correlated-in-time': /^Its steps are wrong, from step 2 on, and no known mistake explains them\.$/,
  'noise-uncorrelated-only': /^Its steps are wrong, and no known mistake explains them\.$/,
  'noise-uniform-unscaled': /^Its steps are wrong, and no known mistake explains them\.$/,
  'noise-grows-with-entries': /^Its steps are wrong, from step 2 on, and no known mistake explains them\.$/,
  'input-mutated': /^Its single steps are correct, here and on 4 generic descents\.$/,
  'long-calls-cut': /^Its single steps are correct, here and on 4 generic descents\.$/,
  // Wrong at a rank of 4 and more, and after 10 000 steps.
  'noise-only-at-small-rank': /^Its single steps are correct, here and on 4 generic descents\.$/,
  'step-halved-late': /^Its single steps are correct, here and on 4 generic descents\.$/,
  'shared-state': /^Its single steps are correct/,
};

describe('a diagnosis', () => {
  const names = readdirSync('fixtures/mutants').map((file) => file.replace('.ts', ''));
  test.each(names)('of %s', async (name) => {
    const said = diagnose(inspect(await load(`mutants/${name}.ts`)), instance)?.text;
    const how = `give ${name} a line in SAID; if no mistake is named, add one to properties/explain/*-misreadings.ts`;
    expect(SAID[name], how).toBeDefined();
    expect(String(said)).toMatch(SAID[name]!);
  });

  test.each(readdirSync('fixtures/equivalent'))('finds nothing wrong with %s', async (file) => {
    const said = diagnose(inspect(await load(`equivalent/${file}`)), instance)?.text;
    expect(said).toMatch(/^(Its|Without noise its) single steps are correct, here and on 4 generic descents\.$/);
  });

  test('of other misreadings', () => {
    const diagnosed = (solver: Solver): string | undefined => diagnose(inspect(solver), instance)?.text;
    const asked = scaledNoise(1, 3).wrong(referenceDescent);
    expect(diagnosed(asked)).toMatch(/the step with noise 3 times as large as asked for on Y\./);
    const uphill = repeating(
      (options) => (at) => plus(at, slope(options, plus(at, perturbation(options, at))), options.stepSize),
    );
    expect(diagnosed(uphill)).toMatch(/: -1 times the correct step/);
    const halfWrong = repeating((options) => (at) => {
      const right = slope(options, plus(at, perturbation(options, at)));
      return plus(at, { X: right.X, Y: dense.mapped(right.Y, (entry) => entry * entry) }, -options.stepSize);
    });
    expect(diagnosed(halfWrong)).toMatch(/^Its steps of Y are wrong, and no known mistake/);
  });

  /** The solver whose X and Y are moved by the gradients at other targets. */
  const seeing = (ofX: (M: Matrix) => Matrix, ofY = ofX): Solver =>
    repeating((options) => (at) => {
      const perturbed = plus(at, perturbation(options, at));
      const slopeAt = (of: (M: Matrix) => Matrix): dense.Pair =>
        slope({ target: dense.denseOf(of(dense.matrixOf(options.target))) }, perturbed);
      return plus(at, { X: slopeAt(ofX).X, Y: slopeAt(ofY).Y }, -options.stepSize);
    });
  /** The solver whose noise on Y has another scale. */
  const noisier =
    (scale: (sigma: number) => number): Solver =>
    ({ noise, ...rest }) =>
      referenceDescent(noise === undefined ? rest : { ...rest, noise: { ...noise, sigma2: scale(noise.sigma2) } });
  const down = (M: Matrix, first: number[]): Matrix => new Matrix([first, ...M.to2DArray().slice(0, -1)]);
  test.each<[string, Solver, RegExp]>([
    [
      'cyclic rows',
      seeing((M) => down(M, M.getRow(M.rows - 1))),
      /row i - 1 in place of row i, cyclically, .*X and Y\./,
    ],
    [
      'rows of X alone',
      seeing(
        (M) =>
          down(
            M,
            M.getRow(0).map(() => 0),
          ),
        (M) => M,
      ),
      /row i - 1 in place of row i, in .* of X\./,
    ],
    [
      'columns of Y alone',
      seeing(
        (M) => M,
        (M) =>
          down(
            M.transpose(),
            M.getColumn(0).map(() => 0),
          ).transpose(),
      ),
      /column i - 1 in place of column i, in .* of Y\./,
    ],
    [
      'the order of the entries',
      seeing((M) => Matrix.from1DArray(M.columns, M.rows, M.to1DArray()).transpose()),
      /column by column, but was written row by row/,
    ],
    [
      'a transposed target in the gradient of Y, if it is square',
      seeing(
        (M) => M,
        (M) => (M.isSquare() ? M.transpose() : M),
      ),
      /M' in place of M: the target is transposed; in the gradient of Y only/,
    ],
    [
      'a sign in the gradient of X',
      seeing(
        (M) => Matrix.mul(M, -1),
        (M) => M,
      ),
      /\+ M in place of - M in the residual; in the gradient of X only/,
    ],
    [
      'a square on one factor',
      noisier((sigma) => sigma ** 2),
      /noise on Y has standard deviation sigma2\^2, not sigma2/,
    ],
    ['a root on one factor', noisier(Math.sqrt), /noise on Y has variance sigma2, not sigma2\^2/],
    [
      'sums that are one off',
      seeing(
        (M) => new Matrix(M.to2DArray().map((row) => [row.at(-1)!, ...row.slice(0, -1)])),
        (M) => down(M, M.getRow(M.rows - 1)),
      ),
      /whose sums read M off by one: entry k - 1 in place of entry k, cyclically/,
    ],
    [
      'Gram matrices of the unperturbed factors',
      repeating((options) => (at) => {
        const { X, Y } = plus(at, perturbation(options, at));
        const { target: M } = options;
        const [ofX, ofY] = [dense.transposedTimes(at.Y, at.Y), dense.transposedTimes(at.X, at.X)];
        const pulls = { X: dense.times(M, Y), Y: dense.transposedTimes(M, X) };
        return plus(at, plus({ X: dense.times(X, ofX), Y: dense.times(Y, ofY) }, pulls, -1), -options.stepSize);
      }),
      /Y'Y and X'X without the noise/,
    ],
  ])('of a refactor that goes wrong: %s', (_, solver, text) => {
    expect(diagnose(inspect(solver), instance)?.text).toMatch(text);
  });

  /** The judged claim's text about a solver, on 30 instances. */
  const explained = (id: string, solver: Solver, seed: number): string | undefined =>
    judge(claimOf(id)!, inspect(solver), { seed, instances: 30 }).refutation?.diagnosis;

  test.each([1, 2, 3, 4, 5])('of noise on one factor that is a tenth too large, seed %i', (seed) => {
    const solver: Solver = ({ noise, ...rest }) =>
      referenceDescent(noise === undefined ? rest : { ...rest, noise: { ...noise, sigma2: 1.1 * noise.sigma2 } });
    expect(explained('definition/step', solver, seed)).toMatch(
      /the step with noise 1\.1 times as large as asked for on Y\./,
    );
  });

  test('of noise that is missing if one of its scales is 0', () => {
    const solver: Solver = ({ noise, ...rest }) =>
      referenceDescent(noise && noise.sigma1 * noise.sigma2 > 0 ? { ...rest, noise } : rest);
    expect(explained('definition/step', solver, 1)).toMatch(/the step without noise if one of its two scales is 0/);
  });

  test('of noise that is drawn once for each call', () => {
    const solver: Solver = ({ noise, ...rest }) => {
      if (noise === undefined) return referenceDescent(rest);
      const { X, Y } = rest.start;
      const tape = new Float64Array((X.rows + Y.rows) * X.columns);
      let used = 0;
      const fill = (out: Float64Array): void => out.forEach((_, i) => (out[i] = tape[used++ % tape.length]!));
      const descent = referenceDescent({ ...rest, noise: { ...noise, source: { fill } } });
      return advancing(descent, (steps) => {
        noise.source.fill(tape);
        descent.advance(steps);
      });
    };
    expect(explained('definition/step', solver, 1)).toMatch(/^Its iterates depend on how the steps are cut into calls/);
  });

  test.each([1, 2, 3])('of a sign that is wrong for targets of low rank alone, seed %i', (seed) => {
    const isThin = ({ target }: DescentOptions): boolean => 2 * rank(target) <= Math.min(target.rows, target.columns);
    const solver: Solver = (options) =>
      referenceDescent(isThin(options) ? { ...options, target: Matrix.mul(options.target, -1) } : options);
    expect(explained('contract/fresh-noise', solver, seed)).toMatch(/the step with \+ M in place of - M/);
  });

  test.each([1, 2, 3, 4, 5])('of a gradient times sigma1, which may be 0, and diverge, seed %i', (seed) => {
    const solver: Solver = ({ stepSize, noise, ...rest }) =>
      referenceDescent({ ...rest, ...(noise && { noise }), stepSize: stepSize * (noise?.sigma1 ?? 1) });
    // Claims about short runs may hold.
    const said = ['definition/step', 'contract/input-untouched', 'contract/advance-adds'].flatMap(
      (id) => explained(id, solver, seed) ?? [],
    );
    expect(said.length).toBeGreaterThan(0);
    for (const text of said) expect(text).toMatch(/sigma1 times the correct step/);
  });

  test('of a solver that draws nothing for a factor without noise', () => {
    const solver: Solver = ({ noise, ...rest }) => {
      if (noise === undefined) return referenceDescent(rest);
      let turn = 0;
      const fill = (out: Float64Array): void => {
        const sigma = turn++ % 2 === 0 ? noise.sigma1 : noise.sigma2;
        if (sigma > 0) noise.source.fill(out);
      };
      return referenceDescent({ ...rest, noise: { ...noise, source: { fill } } });
    };
    expect(explained('contract/noise-consumed', solver, 1)).toMatch(
      /it draws no random numbers for a factor whose scale of noise is 0\. It drew \d+ random numbers instead of \d+\./,
    );
    expect(explained('definition/step', solver, 1)).toMatch(/draws no numbers for a factor whose scale of noise is 0/);
  });

  /** The noise of LPF-SGD on X alone. */
  const onRowsOfX = repeating((options) => (at) => {
    const { X, Y } = perturbation(options, at);
    const lengths = dense
      .matrixOf(at.X)
      .to2DArray()
      .map((row) => Math.hypot(...row));
    const scaled = dense.mapped(X, (xi, i) => xi * lengths[i]!);
    return plus(at, slope(options, plus(at, { X: scaled, Y })), -options.stepSize);
  });
  const clippedAtFive = repeating((options) => (at) => {
    const { X, Y } = slope(options, plus(at, perturbation(options, at)));
    return plus(at, { X, Y }, -options.stepSize * Math.min(1, 5 / Math.hypot(dense.norm(X), dense.norm(Y))));
  });
  /** Weight decay and momentum with other numbers than those of the public code. */
  const decaying = repeating((options) => {
    let velocity = plus(options.start, options.start, -1);
    return (at) => {
      const along = plus(slope(options, plus(at, perturbation(options, at))), at, 1e-3);
      velocity = plus(along, velocity, 0.8);
      return plus(at, velocity, -options.stepSize);
    };
  });
  test.each([
    ['LPF-SGD', onRowsOfX],
    ['SmoothOut', clippedAtFive],
    ['Orvieto|IVON|Adam', decaying],
  ])('a solver that only resembles %s is not taken for it', (name, solver) => {
    const said = diagnose(inspect(solver), instance)?.text ?? '';
    expect(said).not.toBe('');
    expect(said).not.toMatch(new RegExp(name));
  });

  test('survives numbers at the end of the range', () => {
    const huge: Solver = ({ start }) => {
      const at = { X: start.X.clone(), Y: start.Y.clone() };
      const advance = (): void => {
        at.X.fill(1e300);
        at.Y.fill(1e300);
      };
      return { ...at, advance };
    };
    expect(diagnose(inspect(huge), instance)?.text).toMatch(/^Its steps are wrong/);
  });

  test('is silent about a solver that throws', () => {
    const throwing: Solver = () => {
      throw new Error('no idea');
    };
    expect(diagnose(inspect(throwing), instance)).toBeUndefined();
  });
});

test('formulas are diagnosed without TeX', () => {
  for (const { id, formula } of claims)
    expect(`${id}: ${plainFormula(formula)}`).not.toMatch(/\\[a-zA-Z]|\0|\$|undefined/);
  expect(plainFormula(claims[0]!.formula)).toBe("X+ = X - eta (X~Y~' - M)Y~, Y+ = Y - eta (X~Y~' - M)'X~");
  expect(
    plainFormula(String.raw`\tfrac12\Big(s_i + \frac{h - D_0}{2s}\Big)_+^{1/2} \le \sqrt\gamma\,\overline{X'X}`),
  ).toBe("1/2 (s_i + (h - D0)/(2s))+^(1/2) <= sqrt(gamma) mean(X'X)");
});
