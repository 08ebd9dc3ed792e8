/** Perturbed gradient descent balances the factors, from whatever start. */
import { Matrix } from 'ml-matrix';
import { equal, type Claim } from '../claim.ts';
import { design } from '../design.ts';
import { descend, matrix } from '../instance.ts';
import { grams, longGrids, longPicks, longRun, nonzero, timeAverage, type LongRun } from '../trajectories.ts';
import { penalties, smoothedMinimiser, squaredNorm } from '../../src/index.ts';

export const emerges: Claim<LongRun> = {
  id: 'balance/emerges',
  statement: 'From any start, however unbalanced, perturbed gradient descent drives the gamma-imbalance to zero.',
  formula: String.raw`\overline{X'X} - \gamma^2\,\overline{Y'Y} \to 0,\quad \gamma^2 = \frac{d_1\sigma_1^2}{d_2\sigma_2^2}`,
  kind: 'stochastic trajectory',
  needs: 'law',
  hypotheses: ['sigma1, sigma2 > 0', 'lambda < s_1', 'a stable step size; time averages after the settling time'],
  bound: 'equality',
  source: 'Liu et al. 2021 (balance emerges); our proof of gamma',
  proof: 'balance',
  items: ['3.1', '3.5'],
  falseAlarm: 1e-9,
  instances: design({ grids: longGrids, picks: longPicks, accepts: nonzero, complete: longRun }),
  check(solver, instance) {
    const target = matrix(instance.M);
    const { gamma, lambda } = penalties(target, instance);
    const mean = timeAverage(descend(solver, instance), instance, grams);
    const limit = smoothedMinimiser(target, instance.X0[0]!.length, instance);
    const scale = squaredNorm(limit.X) + gamma ** 2 * squaredNorm(limit.Y);
    // A quarter of the limit's size, of which the settled transient and the O(eta) bias take a tenth and the
    // fluctuation has more than 8 standard errors (docs/theory.md#limit-noise).
    const D = Matrix.sub(mean.X, Matrix.mul(mean.Y, gamma ** 2));
    return equal('time-averaged gamma-imbalance', D, Matrix.zeros(D.rows, D.rows), scale / 4, { gamma, lambda });
  },
};
