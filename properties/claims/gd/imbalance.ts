/** Gradient descent conserves the imbalance of its start up to second order in the step size. */
import { moderate } from '../../instances/large-targets.ts';
import { Matrix } from 'ml-matrix';
import { atMost, atStep, claim, equal, firstRefuted, showing, worst, type Comparison } from '../../model/claim.ts';
import { dropping } from '../../generate/dropping.ts';
import { changed, design, LARGE } from '../../generate/design.ts';
import type { Design } from '../../model/draft.ts';
import { plainRuns, withNoise, faster, noisyRuns } from '../../instances/designs.ts';
import { inUnits } from '../../instances/units.ts';
import { advanceRounded, firstStepFromZero, imbalanceRounding, RoundedDrift } from '../../instances/imbalances.ts';
import { descend, iterate, matrix, startOf, type Grid, type Instance } from '../../model/instance.ts';
import { u } from '../../oracles/rounding.ts';
import { descendingStep, squaredSize } from '../../oracles/scales.ts';
import { USUAL } from '../../model/labels.ts';
import { gradient, imbalance, loss, norm, squaredNorm, type Solver } from '../../../src/index.ts';

function* oneStepLaws(solver: Solver, instance: Instance): Generator<Comparison> {
  const [target, run] = [matrix(instance.M), descend(solver, instance)];
  let [before, largest] = [iterate(run), 0];
  for (let t = 1; t <= instance.steps; t++) {
    run.advance(1);
    const after = iterate(run);
    const slope = gradient(target, before);
    // Y'R'RY = (RY)'(RY) and X'RR'X = (R'X)'(R'X).
    const change = imbalance(slope).mul(instance.eta ** 2);
    const rounding = imbalanceRounding(target, before, after, instance);
    largest = Math.max(largest, norm(change));
    const found = equal(`D after step ${t}`, imbalance(after), imbalance(before).add(change), rounding);
    yield atStep(t, showing(largest, found));
    before = after;
  }
}

export const oneStep = claim({
  id: 'gd/imbalance-step',
  statement: 'A step of gradient descent changes the imbalance by a term of second order in the step size, exactly.',
  formula: String.raw`D^+ = D + \eta^2\,(Y'R'RY - X'RR'X),\quad D = X'X - Y'Y`,
  kind: 'identity',
  needs: 'law',
  hypotheses: [dropping('no noise', noisyRuns([1]))],
  proof: 'imbalance',
  items: ['4.1'],
  covers: USUAL,
  instances: design(inUnits({ ...plainRuns([1, 4, 32, 256]), large: LARGE })),
  check: (solver, instance) => firstRefuted(oneStepLaws(solver, instance)),
});

export const drift = claim({
  id: 'gd/imbalance-kept',
  statement:
    'Gradient descent conserves the initial imbalance up to the sum of squared steps, which is at most 2 eta times the decrease of the loss.',
  formula: String.raw`\|D_T - D_0\| \le \eta^2\textstyle\sum_t\|\nabla F_t\|^2 \le 2\eta\,(F_0 - F_T)`,
  kind: 'inequality',
  needs: 'law',
  hypotheses: [
    dropping('no noise', noisyRuns([1])),
    dropping('eta (|X|^2 + |Y|^2 + |R|) <= 1 along the run', changed(plainRuns([1]), faster(128))),
  ],
  bound: {
    tight: 'where the start has X = 0 and rank one, in its first step, for the first inequality',
    on: firstStepFromZero,
  },
  proof: 'imbalance',
  items: ['4.1'],
  covers: USUAL,
  instances: design(moderate({ ...plainRuns([1, 4, 32, 256, 1024]), large: { ...LARGE, d1: [8, 10], d2: [8, 10] } })),
  check(solver, instance) {
    const [target, run] = [matrix(instance.M), descend(solver, instance)];
    const start = iterate(run);
    const ofRounding = new RoundedDrift(target);
    let [before, steps] = [start, 0];
    for (let t = 0; t < instance.steps; t++) {
      steps += instance.eta ** 2 * squaredSize(gradient(target, before));
      run.advance(1);
      const after = iterate(run);
      ofRounding.add(before, after, instance);
      before = after;
    }
    const drifted = norm(imbalance(before).sub(imbalance(start)));
    const gained = 2 * instance.eta * (loss(target, start) - loss(target, before));
    const scale = instance.eta * (Math.sqrt(squaredSize(start)) ** 2 + norm(target)) ** 2;
    const rounding = ofRounding.size + (target.rows * target.columns + instance.steps) * u * (scale + steps);
    return worst([
      showing(steps, atMost('|D_T - D_0| against the squared steps', drifted, steps, rounding)),
      showing(steps, atMost('the squared steps against 2 eta (F_0 - F_T)', steps, gained, rounding)),
    ]);
  },
});

type Triple = Record<'x' | 'y' | 's', number>;

/** A target s u v' and a start (x u, y v): the descent stays in the plane of x and y. */
const aligned: Design<Instance> = {
  size: { r: [1, 1], k: [1, 1] },
  grids: {
    u: { shape: ['d1', 'one'], unit: 1, max: 2 },
    v: { shape: ['d2', 'one'], unit: 1, max: 2 },
  },
  picks: { x: [1, 1 / 2, 2, -1], y: [0, 1 / 2, -1 / 4, 1 / 8], s: [1, 2, 1 / 2, -1] },
  // If the norms differ by little, the drift is small, and rounding decides.
  accepts: ({ grids, picks }) => {
    const [a, b] = [squaredNorm(matrix(grids['u']!)), squaredNorm(matrix(grids['v']!))];
    const { x, y, s } = picks as Triple;
    const [bigger, smaller] = [Math.max(x * x * a, y * y * b), Math.min(x * x * a, y * y * b)];
    return a > 0 && b > 0 && bigger >= 2 * smaller && Math.abs(x * y - s) >= 1 / 4;
  },
  complete: ({ grids, picks, seed }) => alignedRun(grids['u']!, grids['v']!, picks as Triple, seed),
  excludes: () => 'it needs a start aligned with a rank-one target, which it makes itself',
};

function alignedRun(u: Grid, v: Grid, { x, y, s }: Triple, seed: number): Instance {
  const [a, b] = [matrix(u), matrix(v)];
  const M = Matrix.mul(a.mmul(b.transpose()), s).to2DArray();
  const [X0, Y0] = [a.mul(x).to2DArray(), b.mul(y).to2DArray()];
  const eta = descendingStep(matrix(M), startOf({ X0, Y0 })) / 16;
  return { M, X0, Y0, eta, sigma1: 0, sigma2: 0, steps: 128, seed };
}

export const slope = claim({
  id: 'gd/imbalance-slope',
  statement:
    'Over a fixed time the drift of the imbalance is of first order in the step size: half the step size, half the drift.',
  formula: String.raw`\log_2\frac{|D_T(\eta) - D_0|}{|D_{2T}(\eta/2) - D_0|} = 1 + O(\eta)`,
  kind: 'deterministic trajectory',
  needs: 'law',
  hypotheses: [
    dropping('no noise', changed(aligned, withNoise(1 / 4))),
    dropping('D_0 is not 0', {
      ...aligned,
      accepts: ({ grids }) => squaredNorm(matrix(grids['u']!)) > 0,
      complete: ({ grids, picks, seed }) => {
        const { x, s } = picks as Triple;
        return alignedRun(grids['u']!, grids['u']!, { x, y: x, s }, seed);
      },
    }),
    dropping('the start is not a minimum', {
      ...aligned,
      complete: ({ grids, picks, seed }) => {
        const { x, y } = picks as Triple;
        return alignedRun(grids['u']!, grids['v']!, { x, y, s: x * y }, seed);
      },
    }),
  ],
  proof: 'imbalance',
  items: ['4.1'],
  instances: design(aligned),
  check(solver, instance) {
    const driftAt = (halvings: number): { drift: number; share: number } => {
      const halved = { ...instance, eta: instance.eta / 2 ** halvings, steps: instance.steps * 2 ** halvings };
      const run = descend(solver, halved);
      const start = iterate(run);
      const rounding = advanceRounded(run, matrix(instance.M), halved);
      const drift = norm(imbalance(iterate(run)).sub(imbalance(start)));
      return { drift, share: rounding / drift };
    };
    const drifts = [0, 1, 2, 3].map(driftAt);
    // eta times the curvature is at most 1/32, and the sum of squared residuals differs from its integral by at most
    // that share of itself, twice (docs/theory/gradient-descent.md#imbalance): log2(1 + 1/8) is below 1/4 with room for the path's shift.
    // Shares a and b of the two drifts that are rounding, up to a quarter, move the logarithm by at most 2 (a + b).
    return worst(
      drifts.slice(1).map((after, i) => {
        const { drift, share } = drifts[i]!;
        const rounding = 2 * (share + after.share);
        const what = `slope between eta / ${2 ** i} and eta / ${2 ** (i + 1)}`;
        return showing(1, equal(what, Math.log2(drift / after.drift), 1, 1 / 4 + rounding), rounding);
      }),
    );
  },
});
