/** Label noise along a run: it relaxes the imbalance in a time of order 1 / eta^2. */
import { claim, equal, showing, type Comparison } from '../../model/claim.ts';
import { dropping } from '../../generate/dropping.ts';
import { design } from '../../generate/design.ts';
import { noiseOf, problemOf, startOf } from '../../model/instance.ts';
import { cornerOf, labelRavines, lead, type Ravine } from './ravines.ts';
import { labelNoiseDescent, type NoiseSource } from '../../../src/index.ts';

interface Predicted {
  readonly D: number;
  /** Variance of D over the noise. */
  readonly variance: number;
}

/** |X|^2 and |Y|^2 at the minimum with the imbalance D. */
function squaresAt(D: number, mu: number): { p: number; q: number } {
  const h = Math.hypot(D, 2 * mu);
  const p = D > 0 ? (h + D) / 2 : (2 * mu * mu) / (h - D);
  return { p, q: (mu * mu) / p };
}

/**
 * The mean of D after the run, and its variance, to leading order in the residual: each step moves D by -(eta s)^2 (a p
 * - b q) with a = d2 and b = d1, each plus a term from the stationary variance of the residual
 * (docs/theory/other-methods.md#label-noise).
 */
function predicted({ eta, scale, steps, M, ...rest }: Ravine): Predicted {
  const [d1, d2, mu] = [M.length, M[0]!.length, cornerOf({ M })];
  let [D, variance] = [lead(startOf(rest)), 0];
  const share = (eta * scale) ** 2;
  for (let t = 0; t < steps; t++) {
    const { p, q } = squaresAt(D, mu);
    const along = (z: number): number => (eta * z) / (2 - eta * z);
    const [a, b] = [d2 + along(p + q) + (d2 - 1) * along(p), d1 + along(p + q) + (d1 - 1) * along(q)];
    // d/dD of a p - b q, a and b held fixed: dp/dD = p / (p + q) and dq/dD = -q / (p + q).
    const contraction = 1 - (share * (a * p + b * q)) / (p + q);
    const ofStep = 2 * share ** 2 * (d2 * p * p + d1 * q * q);
    variance = variance * contraction ** 2 + ofStep * (1 + along(p + q)) ** 2;
    D -= share * (a * p - b * q);
  }
  return { D, variance };
}

/** The noise of the first step in every step. */
function repeated(source: NoiseSource): NoiseSource {
  let first: Float64Array | undefined;
  return {
    fill(out) {
      if (first === undefined) source.fill((first = new Float64Array(out.length)));
      out.set(first);
    },
  };
}

const fresh = (source: NoiseSource): NoiseSource => source;

function relaxation(instance: Ravine, scale = instance.scale, drawn = fresh): Comparison {
  const { D, variance } = predicted(instance);
  const labels = { scale, source: drawn(noiseOf(instance, 'labels')) };
  const run = labelNoiseDescent({ ...problemOf(instance), labels });
  run.advance(instance.steps);
  const moved = Math.abs(D - lead(startOf(instance)));
  // Four standard deviations, and twice the size of the omitted terms as a share of the change: E R^2 / mu^2 <= eta s^2 S / mu^2 <= 1/64.
  return showing(moved, equal('D', lead(run), D, 4 * Math.sqrt(variance) + moved / 32, { moved }), 0);
}

export const labelRate = claim<Ravine>({
  id: 'noise/label-rate',
  statement:
    'From an unbalanced minimum label noise relaxes the imbalance at the rate (eta s)^2 towards d2 |x|^2 = d1 |y|^2: a factor eta slower than noise on the factors.',
  formula: String.raw`E[D_{t+1} - D_t] \approx -\eta^2s^2\,(d_2\|x\|^2 - d_1\|y\|^2)`,
  kind: 'stochastic trajectory',
  needs: 'theory',
  hypotheses: [
    dropping('the noise is fresh in each step', (_, instance) => relaxation(instance, instance.scale, repeated)),
  ],
  source: 'our proof; Li, Wang and Arora 2022 (abstract read: eta^-2 steps)',
  proof: 'label-noise',
  items: ['9.1'],
  random: {
    basis: 'leading order',
    shift: {
      text: 'the scale of the label noise',
      finds: 0.1,
      by: (share) => ({
        text: `label noise ${1 + share} times as large`,
        check: (_, instance) => relaxation(instance, (1 + share) * instance.scale),
      }),
    },
  },
  instances: design(labelRavines),
  check: (_, instance) => relaxation(instance),
});
