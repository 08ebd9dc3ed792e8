/** The conclusions of the numerical study (properties/claims/experiments/study.ts), rerun around its settings. */
import { claim, equal, worst } from '../../model/claim.ts';
import { design } from '../../generate/design.ts';
import { SETTLE } from '../../oracles/fluctuations.ts';
import { DEVIATIONS, Hovering, meansOf, settingOf } from '../../oracles/hovering.ts';
import { matrix, startOf } from '../../model/instance.ts';
import {
  asPredicted,
  assumed,
  averageOf,
  forEachGamma,
  fromManyStarts,
  fromOrigin,
  inOneBall,
  ofBothRanks,
  onHyperbola,
  spread,
  type Study,
} from './studies.ts';
import { invariants, windowOf } from '../../instances/trajectories.ts';
import { noiseOnX } from '../../run/violations.ts';
import { norm, penalties } from '../../../src/index.ts';

const SOURCE = 'Liu et al. 2021 (that experiments agree with the theory); settings and proof are ours';

export const manyStarts = claim<Study>({
  id: 'experiment/starts',
  statement:
    'From many starts perturbed descent converges to one small ball around the limit that the noise determines, while the limits of plain descent depend on the starts and are as far apart as predicted.',
  formula: String.raw`\overline{XX'} \approx \gamma(s - \lambda)uu' \text{ from every start};\quad XX' \to \tfrac{h + D_0}{2}uu' \text{ without noise}`,
  kind: 'stochastic trajectory',
  needs: 'law',
  hypotheses: [...assumed(fromManyStarts), fromOrigin(fromManyStarts)],
  source: SOURCE,
  proof: 'experiments',
  items: ['3.2', '4.2'],
  random: { basis: 'leading order', shift: noiseOnX(0.1) },
  instances: design(fromManyStarts),
  check: (solver, instance) => worst([...inOneBall(solver, instance), ...spread(solver, instance)]),
});

export const severalGammas = claim<Study>({
  id: 'experiment/gammas',
  statement: 'The ratio of the sizes of the factors at the limit is the gamma of the noise, from 1/4 to 4.',
  formula: String.raw`\overline{|X|^2} \,/\, \overline{|Y|^2} \approx \gamma^2 = d_1\sigma_1^2 / (d_2\sigma_2^2)`,
  kind: 'stochastic trajectory',
  needs: 'law',
  hypotheses: assumed(forEachGamma),
  source: SOURCE,
  proof: 'experiments',
  items: ['3.2'],
  random: { basis: 'leading order', shift: noiseOnX(0.07) },
  instances: design(forEachGamma),
  check(solver, instance) {
    const run = asPredicted(instance);
    const [target, hovering] = [matrix(run.M), new Hovering(settingOf(run))];
    const { gamma } = penalties(target, run);
    const means = meansOf(target, hovering);
    const { XX, YY } = averageOf(solver, instance);
    const [ofX, ofY] = [means.XX.trace(), means.YY.trace()];
    const want = Math.log(ofX / ofY) / 2;
    const deviation = hovering.deviation([{ XX: 1 / (2 * ofX), YY: -1 / (2 * ofY), XY: 0 }], windowOf(run));
    const start = invariants(startOf(instance));
    // The remainder of the start, e^-SETTLE of it, relative to the limit.
    const left = Math.exp(-SETTLE) * (start.XX.trace() / ofX + start.YY.trace() / ofY);
    const ofSecondOrder = Math.abs(want - Math.log(gamma)) / 8 + hovering.ofSecondOrder / norm(target);
    const tolerance = DEVIATIONS * deviation + ofSecondOrder + left;
    return equal('log |X|/|Y|', Math.log(XX.trace() / YY.trace()) / 2, want, tolerance, {
      'log gamma': Math.log(gamma),
    });
  },
});

export const bothRanks = claim<Study>({
  id: 'experiment/ranks',
  statement: "Factors of rank 1 and of rank 3 converge to the XX', YY' and XY' that the noise determines.",
  formula: String.raw`\overline{XX'} \approx U(S - \lambda)U',\quad \overline{YY'} \approx V(S - \lambda)V',\quad \overline{XY'} \approx U(S - \lambda)V'\quad (\gamma = 1)`,
  kind: 'stochastic trajectory',
  needs: 'law',
  hypotheses: assumed(ofBothRanks),
  source: SOURCE,
  proof: 'experiments',
  items: ['3.2'],
  random: { basis: 'leading order', shift: noiseOnX(0.05) },
  instances: design(ofBothRanks),
  check: (solver, instance) => worst(inOneBall(solver, instance)),
});

export const picture = claim<Study>({
  id: 'experiment/hyperbola',
  statement:
    'On (1 - xy)^2 / 2 plain descent converges to the point of the hyperbola xy = 1 that the imbalance of its start determines, and perturbed descent to the balanced one.',
  formula: String.raw`f(x,y) = \tfrac12(1-xy)^2:\quad \overline{x^2} \approx \overline{y^2} \approx 1 - \lambda;\quad x^2 \to \tfrac{h + D_0}{2} \text{ without noise}`,
  kind: 'stochastic trajectory',
  needs: 'law',
  hypotheses: [...assumed(onHyperbola), fromOrigin(onHyperbola)],
  source: SOURCE,
  proof: 'experiments',
  items: ['3.2', '4.2'],
  random: { basis: 'leading order', shift: noiseOnX(0.1) },
  instances: design(onHyperbola),
  check: (solver, instance) => worst([...inOneBall(solver, instance), ...spread(solver, instance)]),
});
