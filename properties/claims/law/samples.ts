/**
 * The distribution of the steps at many points of the path, from samples: the normals that were drawn, and the
 * correlation of steps.
 */
import { claim, equal, worst, type Comparison } from '../../model/claim.ts';
import { dropping } from '../../generate/dropping.ts';
import { design } from '../../generate/design.ts';
import type { Design } from '../../model/draft.ts';
import { drawnNormals, loneNoise, type Repeated } from './lone-noise.ts';
import { alike, altered, doubled, sameEveryStep, seldom } from '../../instances/noise-variants.ts';
import { placed, whiteSteps, type Placed } from './white-steps.ts';
import { inUnits } from '../../instances/units.ts';
import { noiseOf } from '../../model/instance.ts';
import { normalSample, whiteSample } from './white-samples.ts';
import { PER_TRIAL } from '../../run/chance.ts';
import { noiseOnBoth } from '../../run/violations.ts';
import type { NoiseSource, Solver } from '../../../src/index.ts';

/** Early steps are enough to show that a hypothesis is needed. */
const earlyNoise: Design<Repeated> = { ...loneNoise, picks: { ...loneNoise.picks, earlier: [0] } };
const earlyPlace: Design<Placed> = { ...placed, picks: { ...placed.picks, earlier: [0], settling: [0] } };

const normals = (solver: Solver, instance: Repeated, source: NoiseSource): Comparison =>
  normalSample(drawnNormals(solver, instance, source), PER_TRIAL);

export const stepVariance = claim<Repeated>({
  id: 'law/step-variance',
  statement:
    'Under noise on one factor alone every step from every iterate is normal with the covariance of that noise: its normals are independent between rows, columns and steps, and have the variance sigma^2.',
  formula: String.raw`\sigma_2 = 0:\quad Z_t = -\frac{1}{\eta\sigma_1}(X_{t+1} - E[X_{t+1} \mid \text{past}])(Y_t'Y_t)^{-1} \text{ are independent standard normals}`,
  kind: 'statistical',
  needs: 'law',
  hypotheses: [
    dropping('Gaussian noise', earlyNoise, (s, i) => normals(s, i, altered(i, seldom))),
    dropping('entries of variance sigma1^2 and sigma2^2', earlyNoise, (s, i) => normals(s, i, altered(i, doubled))),
    dropping('the rows of the noise are independent', { ...earlyNoise, size: { d1: [2, 6], d2: [2, 6] } }, (s, i) =>
      normals(s, i, alike(i)),
    ),
    dropping('fresh noise in every step', earlyNoise, (s, i) => normals(s, i, sameEveryStep(i))),
  ],
  proof: 'step-covariance',
  items: ['2.5'],
  random: { basis: 'exact bound', shift: noiseOnBoth(0.02) },
  instances: design(inUnits(loneNoise)),
  check: (solver, instance) => normals(solver, instance, noiseOf(instance)),
});

/** The sum of the steps of a long call, in units of its standard deviation, in each entry. */
const OF_CALL = 6;

function whiteness(solver: Solver, instance: Placed, source: NoiseSource): Comparison {
  const { sample, call = new Float64Array(0) } = whiteSteps(solver, instance, source);
  const sums = [...call].map((sum, i) => equal(`sum ${i + 1} of the steps of one call`, sum, 0, OF_CALL));
  return worst([whiteSample(sample, PER_TRIAL), ...sums]);
}

export const whiteStepsClaim = claim<Placed>({
  id: 'law/white-steps',
  statement:
    'At every iterate the deviations of the steps from their means have the covariance of the formula between all entries of both factors, and steps are uncorrelated; the deviation of a call is the sum of those of its steps.',
  formula: String.raw`C = \eta^2\tilde{\mathcal H}\Sigma\tilde{\mathcal H} + \eta^2 C_4 = LL',\quad z_t = L^{-1}\delta_t:\quad E z_t = 0,\ E z_tz_t' = I,\ E z_tz_{t+l}' = 0`,
  kind: 'statistical',
  needs: 'law',
  hypotheses: [
    dropping('entries of variance sigma1^2 and sigma2^2', earlyPlace, (s, i) => whiteness(s, i, altered(i, doubled))),
    dropping('the rows of the noise are independent', { ...earlyPlace, size: { d1: [2, 8], d2: [2, 8] } }, (s, i) =>
      whiteness(s, i, alike(i)),
    ),
    dropping('fresh noise in every step', earlyPlace, (s, i) => whiteness(s, i, sameEveryStep(i))),
  ],
  proof: 'step-covariance',
  items: ['2.5'],
  random: { basis: 'leading order', shift: noiseOnBoth(0.02) },
  instances: design(inUnits(placed)),
  check: (solver, instance) => whiteness(solver, instance, noiseOf(instance)),
});
