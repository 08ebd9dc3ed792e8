/** Du, Hu and Lee 2018: conserved quantities of gradient flow, and steps that decay. */
import { atMost, claim, equal, showing } from '../../model/claim.ts';
import { dropping } from '../../generate/dropping.ts';
import { design, changed } from '../../generate/design.ts';
import type { Design } from '../../model/draft.ts';
import { plainRuns, withNoise } from '../../instances/designs.ts';
import { EXACT_ORDER, flowFor, flowStep } from '../../oracles/flow.ts';
import { imbalanceRounding, RoundedDrift } from '../../instances/imbalances.ts';
import { descend, iterate, matrix, startOf, type Instance, zeros } from '../../model/instance.ts';
import { u } from '../../oracles/rounding.ts';
import { squaredSize } from '../../oracles/scales.ts';
import { gradient, imbalance, norm, type Solver } from '../../../src/index.ts';

/** Steps of the flow; as steps of gradient descent (order 1) they drift. */
const FLOW_STEPS = 8;

/** The order of the Taylor polynomial that a step is. */
type FlowRun = Instance & { order: number };

const flowRuns = (order: number): Design<FlowRun> => {
  const runs = plainRuns([FLOW_STEPS]);
  return {
    ...changed(runs, (run) => ({ ...run, order })),
    size: { d1: [1, 4], d2: [1, 4], r: [1, 2] },
    excludes: ({ target, rank }) =>
      target.length * target[0]!.length * rank > 512 ? 'its series is long: it needs d1 d2 r <= 512' : undefined,
  };
};

export const duFlow = claim<FlowRun>({
  id: 'du/flow',
  statement: 'Gradient flow conserves the imbalance exactly.',
  formula: String.raw`\dot X = -RY,\ \dot Y = -R'X \;\Rightarrow\; X'X - Y'Y = \text{const}`,
  kind: 'identity',
  needs: 'theory',
  hypotheses: [dropping('steps of the flow, not of gradient descent', flowRuns(1))],
  source: 'Du, Hu, Lee 2018; our proof',
  proof: 'du',
  items: ['8.6'],
  instances: design(flowRuns(EXACT_ORDER)),
  check(_, instance) {
    const [target, start] = [matrix(instance.M), startOf(instance)];
    const terms = target.rows + target.columns + start.X.columns + 8;
    let [at, rounding] = [start, 0];
    for (let step = 0; step < instance.steps; step++) {
      at = flowFor(target, at, flowStep(target, at), instance.order);
      // The first order dominates: a sum of `terms` products, an eighth of the factors' size (docs/theory/related-papers.md#du).
      rounding += 4 * terms * u * (squaredSize(at) + norm(target));
    }
    return equal('D', imbalance(at), imbalance(start), rounding + imbalanceRounding(target, start, at, { eta: 0 }));
  },
});

/** eta_t = eta / (t + 1)^power. */
type Decaying = Instance & { power: number };

/** The change of D, and the largest |grad F|^2, along steps that decay. */
function decayingDescent(solver: Solver, instance: Decaying): { drifted: number; steepest: number; rounding: number } {
  const target = matrix(instance.M);
  const start = startOf(instance);
  const ofRounding = new RoundedDrift(target);
  let [at, steepest] = [start, 0];
  for (let t = 0; t < instance.steps; t++) {
    const eta = instance.eta / (t + 1) ** instance.power;
    steepest = Math.max(steepest, squaredSize(gradient(target, at)));
    const run = descend(solver, { ...instance, X0: at.X.to2DArray(), Y0: at.Y.to2DArray(), eta }, `step ${t}`);
    run.advance(1);
    const after = iterate(run);
    ofRounding.add(at, after, { ...instance, eta });
    at = after;
  }
  return { drifted: norm(imbalance(at).sub(imbalance(start))), steepest, rounding: ofRounding.size };
}

const decayingRuns = (power: number, steps: readonly number[]): Design<Decaying> =>
  changed(plainRuns(steps), (run) => ({ ...run, power }));

export const duDecayingSteps = claim<Decaying>({
  id: 'du/decaying-steps',
  statement:
    'Steps with summable squares along bounded gradients bound the drift of the imbalance, for any number of steps.',
  formula: String.raw`\eta_t = \frac{\eta_0}{t+1} \;\Rightarrow\; \|D_T - D_0\| \le \textstyle\sum_t\eta_t^2\,\max_t\|\nabla F_t\|^2 \le \frac{\pi^2}6\,\eta_0^2\max_t\|\nabla F_t\|^2`,
  kind: 'inequality',
  needs: 'law',
  hypotheses: [
    dropping('no noise', changed(decayingRuns(1, [1]), withNoise(1 / 4))),
    dropping('the steps decay as 1 / (t + 1)', decayingRuns(0, [128])),
  ],
  bound: {
    tight: 'where the start has X = 0 and rank one, in its first step, for the first inequality',
    on: {
      // There the gradient is (RY, 0).
      instances: design({
        ...changed(decayingRuns(1, [1]), (run) => ({ ...run, X0: zeros(run.X0) })),
        size: { r: [1, 1] },
      }),
      check: (solver, instance) => {
        const { drifted, steepest, rounding } = decayingDescent(solver, instance);
        return equal('|D_1 - D_0|', drifted, instance.eta ** 2 * steepest, rounding);
      },
    },
  },
  source: 'Du, Hu, Lee 2018; our proof',
  proof: 'du',
  items: ['8.6'],
  instances: design(decayingRuns(1, [1, 4, 32, 128])),
  check(solver, instance) {
    const { drifted, steepest, rounding } = decayingDescent(solver, instance);
    let squares = 0;
    for (let t = instance.steps; t >= 1; t--) squares += (instance.eta / t) ** 2;
    return showing(squares * steepest, atMost('|D_T - D_0|', drifted, squares * steepest, rounding));
  },
});
