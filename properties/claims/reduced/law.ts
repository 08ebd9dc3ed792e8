/**
 * The dimension-free descent has the distribution of the full one after many steps, its chi-squares have theirs, and
 * the cost of a step does not depend on the dimension.
 */
import { claim, equal, worst, type Comparison } from '../../model/claim.ts';
import { dropping } from '../../generate/dropping.ts';
import { design } from '../../generate/design.ts';
import type { Design } from '../../model/draft.ts';
import { noisyRuns } from '../../instances/designs.ts';
import { counted, reducedOptions, type Counted } from '../../instances/dimensions.ts';
import { matrix, noiseOf, optionsOf, startOf, type Instance } from '../../model/instance.ts';
import { allowedBetween, allowedToLaw, distanceOfSamples, distanceToLaw } from '../../oracles/kolmogorov.ts';
import { chiSquaredCdf } from '../../oracles/quantiles.ts';
import { PER_TRIAL } from '../../run/chance.ts';
import { noiseOnBoth } from '../../run/violations.ts';
import {
  imbalance,
  loss,
  norm,
  product,
  reducedCoordinates,
  reducedPerturbedGradientDescent,
  singularValues,
  type Factors,
  type NoiseSource,
  type ReducedOptions,
  type Solver,
} from '../../../src/index.ts';
import { CHI_SQUARE_NORMALS, chiSquare } from '../../../src/noise/chi-square.ts';
import type { Matrix } from 'ml-matrix';

/** Runs of each descent. */
const RUNS = 64;

const STATISTICS = ['the loss', 'the trace of D', 'the size of D', "s_1(X Y')", "s_r(X Y')"] as const;

function statistics(target: Matrix, { X, Y }: Factors): number[] {
  const [D, s] = [imbalance({ X, Y }), singularValues(product({ X, Y }))];
  return [loss(target, { X, Y }), D.trace(), norm(D), s[0]!, s[X.columns - 1]!];
}

/** Both descents from one start many times, each with its own noise, and the distance of their statistics. */
function* distances(
  solver: Solver,
  instance: Instance,
  change: (options: ReducedOptions) => ReducedOptions,
): Generator<Comparison> {
  const [target, full, reduced] = [matrix(instance.M), noiseOf(instance), noiseOf(instance, 'reduced')];
  const { sigma1, sigma2, eta, steps } = instance;
  const problem = { ...reducedCoordinates(target, startOf(instance)), stepSize: eta };
  const options = change({ ...problem, noise: { sigma1, sigma2, source: reduced } });
  const [ofFull, ofReduced]: number[][][] = [[], []];
  for (let n = 0; n < RUNS; n++) {
    const one = solver(optionsOf(instance, full));
    one.advance(steps);
    ofFull!.push(statistics(target, one));
    const other = reducedPerturbedGradientDescent(options);
    other.advance(steps);
    ofReduced!.push(statistics(other.target, other));
  }
  const allowed = allowedBetween(RUNS, PER_TRIAL / STATISTICS.length);
  for (const [i, name] of STATISTICS.entries()) {
    const of = (samples: number[][]): number[] => samples.map((sample) => sample[i]!);
    yield equal(`distance of the distributions of ${name}`, distanceOfSamples(of(ofFull!), of(ofReduced!)), 0, allowed);
  }
}

const compared: Design<Instance> = {
  ...noisyRuns([16, 16, 16, 16, 64]),
  size: { d1: [1, 6], d2: [1, 6], r: [1, 2], k: [1, 2] },
  excludes: ({ target, rank }) =>
    target.length * target[0]!.length * rank > 256 ? `it makes ${RUNS} runs: it needs d1 d2 r <= 256` : undefined,
};

const larger = ({ dimensions: { d1, d2 }, ...options }: ReducedOptions): ReducedOptions => ({
  ...options,
  dimensions: { d1: 8 * d1, d2: 8 * d2 },
});

export const law = claim({
  id: 'reduced/law',
  statement:
    'After any number of steps the loss, the imbalance and the singular values of the product have the same distribution under the full and the reduced descent.',
  formula: String.raw`F,\ D,\ s_i(XY') \text{ of } (X_T, Y_T) \ \stackrel{\text{d}}{=}\ \text{those of } ([A_T; C_T], [B_T; E_T])`,
  kind: 'statistical',
  needs: 'law',
  hypotheses: [dropping('d1 and d2 are those of the full problem', (s, i) => worst(distances(s, i, larger)))],
  source: 'our proof; the distance of two samples by Gnedenko and Korolyuk 1951',
  proof: 'dimension-free',
  items: ['7.1'],
  random: {
    basis: 'exact bound',
    shift: noiseOnBoth(
      0.25,
      'it compares two samples of 64 runs by a distance whose quantiles are exact for every distribution; the distribution of a step is tested more finely by the claims law/*',
    ),
  },
  instances: design(compared),
  check: (solver, instance) => worst(distances(solver, instance, (options) => options)),
});

/** A vector of independent chi-squares with `freedom` degrees. */
type Chi = Instance & { freedom: number };

const chi: Design<Chi> = {
  size: { d1: [1, 1], d2: [1, 1], r: [1, 1], k: [1, 1] },
  grids: {},
  picks: { freedom: [1, 2, 3, 4, 8, 64, 1e3, 1e6, 1e9, 1e12, 1e15], spread: [0, 1, 2, 3] },
  complete: ({ picks, seed }) => ({
    ...{ M: [[1]], X0: [[1]], Y0: [[1]], eta: 1, sigma1: 1, sigma2: 1, steps: 512, seed },
    freedom: picks['freedom']! + picks['spread']!,
  }),
  excludes: () => 'it is about random numbers only',
};

/** Chi-squares that are drawn for `drawn` degrees against the distribution for `freedom`, standardised. */
function chiSquares(instance: Chi, drawn = instance.freedom): Comparison {
  const { freedom, steps } = instance;
  const [source, normals] = [noiseOf(instance), new Float64Array(CHI_SQUARE_NORMALS)];
  const sample = Array.from({ length: steps }, () => {
    source.fill(normals);
    return chiSquare(drawn, normals, 0, source);
  });
  const distance = distanceToLaw(sample, (value) => chiSquaredCdf(value, freedom));
  return equal('distance of chi-squares from their distribution', distance, 0, allowedToLaw(steps, PER_TRIAL));
}

/** Degrees of freedom that are too many by half of the standard deviation of the chi-square, at least one. */
const tooMany = (freedom: number): number => freedom + Math.ceil(Math.sqrt(freedom));

export const chiSquared = claim<Chi>({
  id: 'reduced/chi-squares',
  statement:
    'The chi-squares of the reduced descent, made of normals, have a chi-squared distribution at every number of degrees of freedom.',
  formula: String.raw`2dv,\ v = (1 + x/\sqrt{9d})^3,\text{ given } \tfrac12(y^2 + z^2) \ge d(v - 1 - \log v) - \tfrac12x^2, \text{ is } \chi^2_f,\ d = \tfrac f2 - \tfrac13`,
  kind: 'statistical',
  needs: 'theory',
  hypotheses: [dropping('the degrees of freedom', (_, i) => chiSquares(i, tooMany(i.freedom)))],
  source: 'Marsaglia and Tsang 2000b; our proof',
  proof: 'dimension-free',
  items: ['7.1'],
  random: {
    basis: 'exact bound',
    shift: {
      text: 'the degrees of freedom',
      finds: 0.001,
      by: (share) => ({
        text: `degrees of freedom times ${1 + share}`,
        check: (_, i) => chiSquares(i, (1 + share) * i.freedom),
      }),
    },
  },
  instances: design(chi),
  check: (_, instance) => chiSquares(instance),
});

/** Numbers that a step takes from a source of zeros, for which every candidate is accepted. */
function numbersOf(instance: Counted): number {
  let asked = 0;
  const zeros: NoiseSource = {
    fill(out) {
      asked += out.length;
      out.fill(0);
    },
  };
  reducedPerturbedGradientDescent(reducedOptions(instance, zeros)).advance(1);
  return asked;
}

export const cost = claim<Counted>({
  id: 'reduced/cost',
  statement: 'A reduced step stores the same count of numbers and draws the same count of normals for all dimensions.',
  formula: String.raw`2(kr + r^2) + r(r - 1) + 6r \text{ normals},\quad (k + r)r \text{ entries a factor}`,
  kind: 'identity',
  needs: 'theory',
  hypotheses: [dropping('d1, d2 >= k + 2 r', { ...counted, picks: { beyond: [-1] } })],
  proof: 'dimension-free',
  items: ['7.1'],
  instances: design(counted),
  check(_, instance) {
    const options = reducedOptions(instance, noiseOf(instance));
    const [k, r] = [options.singularValues.length, instance.X0[0]!.length];
    const { X, Y } = reducedPerturbedGradientDescent(options);
    return worst([
      equal(
        'normals in a step',
        numbersOf(instance),
        2 * (k * r + r * r) + r * (r - 1) + 2 * CHI_SQUARE_NORMALS * r,
        0,
      ),
      equal('entries of X and Y', (X.rows + Y.rows) * r, 2 * (k + r) * r, 0),
    ]);
  },
});
