/** Rates near the limit: eigenvalues of the Hessian of the smoothed objective there. */
import { Matrix } from 'ml-matrix';
import { claim, equal, worst } from '../../model/claim.ts';
import { dropping } from '../../generate/dropping.ts';
import { changed, design } from '../../generate/design.ts';
import { descendSmoothed, matrix, startOf } from '../../model/instance.ts';
import {
  atMinimiser,
  contraction,
  curvatures,
  exactRank,
  freeColumn,
  pairError,
  pairRates,
  rankOneMinimisers,
  rankOneSpectrum,
  sorted,
  spareColumns,
  tilted,
} from './local-spectra.ts';
import { threshold } from './rate-instances.ts';
import { penalties, singularValues } from '../../../src/index.ts';

export const localRates = claim({
  id: 'balance/local-rates',
  statement:
    'At the minimiser of rank one the curvatures of the smoothed objective, which are the rates of convergence, are those of 2 x 2 blocks: one in the plane of the retained triple, and one for each omitted triple.',
  formula: String.raw`\tfrac12\Big(s(\gamma+\tfrac1\gamma) \pm \sqrt{s^2(\gamma-\tfrac1\gamma)^2 + 4(s-2\lambda)^2}\Big),\quad \tfrac12\Big(s(\gamma+\tfrac1\gamma) \pm \sqrt{s^2(\gamma-\tfrac1\gamma)^2 + 4s_i^2}\Big),\ i > 1`,
  kind: 'identity',
  needs: 'theory',
  hypotheses: [
    dropping('lambda < s_1', rankOneMinimisers([2, 4])),
    dropping('at the minimiser', changed(rankOneMinimisers([1 / 4, 1 / 16, 3 / 4]), tilted)),
  ],
  proof: 'limit-noise',
  items: ['3.5'],
  instances: design(rankOneMinimisers([1 / 4, 1 / 16, 1 / 2, 3 / 4])),
  check(_, instance) {
    const target = matrix(instance.M);
    const { values, rounding } = curvatures(target, startOf(instance), instance);
    const predicted = rankOneSpectrum(target, penalties(target, instance));
    return equal('eigenvalues of the Hessian of F~', sorted(values), sorted(predicted), rounding);
  },
});

export const localContraction = claim({
  id: 'balance/local-contraction',
  statement:
    'Smoothed descent that is displaced from the minimiser of rank one along the slow eigenvector contracts by the factor 1 - eta rate per step.',
  formula: String.raw`z_t - z_\star = (1 - \eta\rho)^t(z_0 - z_\star) + O(|z_0 - z_\star|^2),\quad \rho = \tfrac12\Big(s(\gamma+\tfrac1\gamma) - \sqrt{s^2(\gamma-\tfrac1\gamma)^2 + 4(s-2\lambda)^2}\Big)`,
  kind: 'deterministic trajectory',
  needs: 'theory',
  hypotheses: [
    dropping('near the minimiser', (_, instance) => contraction(instance, { far: true })),
    dropping('along the slow eigenvector', (_, instance) => contraction(instance, { mode: 1 })),
  ],
  proof: 'limit-noise',
  items: ['3.5'],
  instances: design(rankOneMinimisers([1 / 4, 1 / 16, 3 / 4])),
  check: (_, instance) => contraction(instance),
});

export const slowModes = claim({
  id: 'balance/slow-modes',
  statement:
    'For small lambda and r = k the slow rates at the minimiser are one for each pair of triples, of order lambda; the rotations do not relax; the slowest rate is 4 alpha beta / (alpha + beta).',
  formula: String.raw`\frac{\lambda(\gamma + 1/\gamma)}{1 + s_is_j(\gamma - 1/\gamma)^2/(s_i+s_j)^2} + O(\lambda^2),\ i \le j;\qquad \min = \frac{4\alpha\beta}{\alpha+\beta}`,
  kind: 'identity',
  needs: 'theory',
  hypotheses: [dropping('r = k', exactRank(1)), dropping('at the minimiser', changed(exactRank(0), tilted))],
  proof: 'limit-noise',
  items: ['3.5'],
  instances: design(exactRank(0)),
  check(_, instance) {
    const target = matrix(instance.M);
    const penalty = penalties(target, instance);
    const s = singularValues(target).filter((each) => each > penalty.lambda);
    const { values, rounding } = curvatures(target, startOf(instance), instance);
    const still = (s.length * (s.length - 1)) / 2;
    const slow = values.slice(0, s.length ** 2);
    const rates = pairRates(s, penalty);
    const tolerance = Math.sqrt(rates.length) * pairError(s, penalty) + rounding;
    const slowest = (4 * penalty.alpha * penalty.beta) / (penalty.alpha + penalty.beta);
    return worst([
      equal('rates of rotations', sorted(slow.slice(0, still)), Matrix.zeros(still, 1), rounding * (still + 1)),
      equal('rates of pairs', sorted(slow.slice(still)), sorted(rates), tolerance),
      equal('the slowest rate', slow[still]!, slowest, tolerance),
    ]);
  },
});

export const freeColumns = claim({
  id: 'balance/free-columns',
  statement:
    'Every column beyond the triples above lambda adds its own rates at the minimiser: alpha, beta, 0, alpha + beta, and the pair of each triple below lambda, exactly.',
  formula: String.raw`\tfrac12\Big((\alpha+\beta) \pm \sqrt{(\alpha-\beta)^2 + 4\min(s_i, \lambda)^2}\Big),\ i \le p;\quad \alpha\ (d_1 - p\text{ times}),\ \beta\ (d_2 - p\text{ times})`,
  kind: 'identity',
  needs: 'theory',
  hypotheses: [dropping('at the minimiser', changed(spareColumns(2), tilted))],
  proof: 'limit-noise',
  items: ['3.5'],
  instances: design(spareColumns(1)),
  check(_, instance) {
    const target = matrix(instance.M);
    const r = instance.X0[0]!.length;
    const penalty = penalties(target, instance);
    const kept = singularValues(target).filter((each, i) => i < r && each > penalty.lambda).length;
    const { values, rounding } = curvatures(target, startOf(instance), instance);
    const tight =
      kept === 0 ? [] : curvatures(target, startOf(atMinimiser(instance.M, kept, instance, 0)), instance).values;
    const added = Array.from({ length: r - kept }, () => freeColumn(target, penalty)).flat();
    return equal('eigenvalues of the Hessian of F~', sorted(values), sorted([...tight, ...added]), rounding, { kept });
  },
});

export const sublinear = claim({
  id: 'balance/sublinear',
  statement: 'A triple exactly at the threshold, s = lambda, with a column free for it fades like 1 / t only.',
  formula: String.raw`1\times1,\ s = \lambda = 1:\quad x_t^2\,\eta t \to \tfrac{\gamma^2 + 1}{4},\quad \tfrac12 \text{ at } \gamma = 1`,
  kind: 'deterministic trajectory',
  needs: 'theory',
  hypotheses: [dropping('s = lambda', threshold([2, 1 / 2]))],
  proof: 'limit-noise',
  items: ['3.5'],
  instances: design(threshold([1])),
  check(_, instance) {
    const [target, start] = [matrix(instance.M), startOf(instance)];
    const { gamma } = penalties(target, instance);
    const descent = descendSmoothed(instance);
    descent.advance(instance.steps);
    const time = instance.eta * instance.steps;
    // 1 / c^2, c the coordinate along the centre manifold, grows by 4 t / G, starts at (G / w)^2 and is off by less than
    // 3 log(1 + t) for the manifold's bend and for the steps (docs/theory/limits.md#limit-noise).
    const G = gamma + 1 / gamma;
    const w = Math.sqrt(gamma) * start.X.get(0, 0) + start.Y.get(0, 0) / Math.sqrt(gamma);
    const limit = (gamma * G) / 4;
    const tolerance = (limit * G * ((G / w) ** 2 + 3 * Math.log(1 + time))) / (4 * time);
    return equal(`x^2 eta t after ${instance.steps} steps`, descent.X.get(0, 0) ** 2 * time, limit, tolerance);
  },
});
