/** Refutations for the tests of certificates: solvers whose single steps are correct, and others that refute in odd ways. */
import { Matrix } from 'ml-matrix';
import { type Descent, type Solver } from '../../src/index.ts';
import ownRandomNumbers from '../../fixtures/equivalent/own-random-numbers.ts';
import momentum from '../../fixtures/mutants/momentum.ts';
import sharedState from '../../fixtures/mutants/shared-state.ts';
import { refutes, toPlain, type PlainComparison } from '../model/claim.ts';
import { advancing, type Instance } from '../model/instance.ts';
import { Examiner } from '../run/examiner.ts';
import { inspect, type Subject } from '../run/subject.ts';
import { certificateOf } from '../explain/certificates.ts';
import type { Certificate } from '../model/certificate.ts';
import { claimOf } from '../claims/registry.ts';
import { referenceDescent } from '../oracles/reference-descent.ts';

/** The part of a saved counterexample that the checker reads. */
export interface Refuted {
  readonly claim: string;
  readonly finding: PlainComparison | string;
  readonly certificate: Certificate | undefined;
}

/** The refutation of a claim on an instance, if it is one. */
export function refuted(id: string, subject: Subject, drawn: Instance): Refuted | undefined {
  const examiner = new Examiner(claimOf(id)!, subject);
  const found = examiner.examine(drawn);
  if (!refutes(found)) return undefined;
  const finding = typeof found === 'string' ? found : toPlain(found);
  return {
    claim: id,
    finding,
    certificate: certificateOf(examiner.claim, subject, examiner.effective(drawn), finding),
  };
}

/** With `earlier`, which its claims need: no steps before those under test. */
export const instance: Instance & { earlier: number } = {
  M: [
    [1, 2],
    [0, 1],
  ],
  X0: [[0.5], [1]],
  Y0: [[1], [-0.3]],
  ...{ eta: 1 / 32, sigma1: 1 / 2, sigma2: 1 / 4, steps: 4, seed: 3, earlier: 0 },
};
const silent = { ...instance, sigma1: 0, sigma2: 0 };

/** With this step size gradient descent is chaotic: different rounding takes two correct solvers far apart. */
export const CHAOS = { ...silent, M: [[1]], X0: [[0.3]], Y0: [[0.3]], eta: 1.75 };

/** The same descent, whose X is changed on the way out. */
const seen = (descent: Descent, change: (X: Matrix) => Matrix): Descent => ({
  get X() {
    return change(descent.X);
  },
  get Y() {
    return descent.Y;
  },
  advance: (steps) => descent.advance(steps),
});

/** Takes one step too few in calls of more than two. */
const hasty: Solver = (options) => {
  const descent = referenceDescent(options);
  return advancing(descent, (steps) => descent.advance(steps > 2 ? steps - 1 : steps));
};

/** Our solver, whose X is changed from step `first` on. */
const changed =
  (first: number, change: (X: Matrix) => Matrix): Solver =>
  (options) => {
    const descent = referenceDescent(options);
    let taken = 0;
    const counted = advancing(descent, (steps) => {
      taken += steps;
      descent.advance(steps);
    });
    return seen(counted, (X) => (taken >= first ? change(X) : X));
  };
const undefinedLater = changed(2, (X) => Matrix.mul(X, NaN));
const leaving = changed(1, (X) => Matrix.add(X, 1));

/** Other last bits if there is noise, of any scale. */
const otherBits: Solver = (options) => {
  const descent = referenceDescent(options);
  return options.noise === undefined ? descent : seen(descent, (X) => Matrix.mul(X, 1 + Number.EPSILON));
};

/** Correct in distribution, with random numbers of its own, but changes its start. */
const spoiling: Solver = (options) => {
  const descent = ownRandomNumbers(options);
  return advancing(descent, (steps) => {
    descent.advance(steps);
    options.start.X.set(0, 0, 9);
  });
};

/** Draws a number in each call that it does not need. */
const greedy: Solver = (options) => {
  const descent = referenceDescent(options);
  return advancing(descent, (steps) => {
    descent.advance(steps);
    options.noise?.source.fill(new Float64Array(1));
  });
};

/** Descends towards minus the target. */
const elsewhere: Solver = (options) => referenceDescent({ ...options, target: Matrix.mul(options.target, -1) });

const planted = (id: string, solver: Solver, on: Instance): Refuted => refuted(id, inspect(solver), on)!;

/** By the kind of mistake. */
export const refutations = {
  'a step': planted('definition/step', momentum, instance),
  'two of several steps': planted('contract/advance-adds', hasty, { ...instance, part: 2 } as Instance),
  'not finite': planted('definition/step', undefinedLater, instance),
  'nothing to round': planted('definition/step', leaving, { ...silent, M: [[0]], X0: [[0]], Y0: [[0]] }),
  'other bits': planted('gd/zero-noise', otherBits, silent),
  'shared state': planted('contract/no-shared-state', sharedState, {
    ...instance,
    X1: [[1], [1]],
    Y1: [[0], [1]],
  } as Instance),
  'a changed start': planted('contract/input-untouched', spoiling, instance),
  'too many random numbers': planted('contract/input-untouched', greedy, { ...instance, steps: 1 }),
  'an inequality': planted('gd/descent', elsewhere, silent),
} as const;
