/** Plain gradient descent keeps the imbalance of its start, and so ends where the start dictates. */
import { Matrix } from 'ml-matrix';
import { atLeast, atMost, equal, worst, type Claim, type Evidence } from '../claim.ts';
import { design, type Design, type Draft } from '../design.ts';
import { plainRuns, shortRun } from '../designs.ts';
import { stacked } from '../formula.ts';
import {
  descendPlainly,
  iterate,
  matrix,
  noiseTape,
  optionsOf,
  startOf,
  type Grid,
  type Instance,
} from '../instance.ts';
import { stepRounding, u } from '../rounding.ts';
import { descendingStep, size } from '../scales.ts';
import {
  gradient,
  imbalance,
  loss,
  outerGram,
  scriptedNoise,
  squaredNorm,
  type Factors,
  type Solver,
} from '../../src/index.ts';

export const zeroNoise: Claim = {
  id: 'gd/zero-noise',
  statement: 'With both scales 0 perturbed gradient descent is plain gradient descent, bit for bit.',
  formula: String.raw`\sigma_1 = \sigma_2 = 0 \;\Rightarrow\; (X_t, Y_t)_{\text{perturbed}} = (X_t, Y_t)_{\text{GD}}`,
  kind: 'identity',
  needs: 'law',
  hypotheses: ['sigma1 = sigma2 = 0'],
  bound: 'equality',
  source: 'our proof',
  proof: 'zero-noise',
  items: ['4.4'],
  instances: design(plainRuns([1, 2, 8, 64])),
  check(solver, instance) {
    const plain = solver(optionsOf(instance, scriptedNoise([])));
    const source = scriptedNoise(noiseTape(instance));
    const silent = solver({ ...optionsOf(instance, source), noise: { sigma1: 0, sigma2: 0, source } });
    plain.advance(instance.steps);
    silent.advance(instance.steps);
    return equal('(X; Y)', stacked(iterate(silent)), stacked(iterate(plain)), 0);
  },
};
/** X'X - Y'Y is a difference of sums of at most d1 + d2 products; the iterates behind it carry the rounding of a step. */
function imbalanceRounding(target: Matrix, before: Factors, after: Factors, eta: number): number {
  const sums = (target.rows + target.columns + 8) * u * (size(before) + size(after));
  return sums + 2 * Math.sqrt(size(after)) * stepRounding(target, before, before, eta);
}

function* oneStepLaws(solver: Solver, instance: Instance): Generator<Evidence> {
  const [target, descent] = [matrix(instance.M), descendPlainly(solver, instance)];
  let before = iterate(descent);
  for (let t = 1; t <= instance.steps; t++) {
    descent.advance(1);
    const after = iterate(descent);
    const slope = gradient(target, before);
    // Y'R'RY = (RY)'(RY) and X'RR'X = (R'X)'(R'X).
    const change = imbalance(slope).mul(instance.eta ** 2);
    const rounding = imbalanceRounding(target, before, after, instance.eta);
    yield equal(`D after step ${t}`, imbalance(after), imbalance(before).add(change), rounding, { t });
    before = after;
  }
}

export const oneStep: Claim = {
  id: 'gd/imbalance-step',
  statement: 'A step of gradient descent changes the imbalance by a term of second order in the step size, exactly.',
  formula: String.raw`D^+ = D + \eta^2\,(Y'R'RY - X'RR'X),\quad D = X'X - Y'Y`,
  kind: 'identity',
  needs: 'law',
  hypotheses: ['no noise'],
  bound: 'equality',
  source: 'our proof',
  proof: 'imbalance',
  items: ['4.1'],
  instances: design(plainRuns([1, 4, 32, 256])),
  check: (solver, instance) => worst(oneStepLaws(solver, instance)),
};

export const drift: Claim = {
  id: 'gd/imbalance-kept',
  statement:
    'Gradient descent keeps the imbalance of its start up to the sum of its squared steps, and up to 2 eta times the loss that it gains.',
  formula: String.raw`\|D_T - D_0\| \le \eta^2\textstyle\sum_t\|\nabla F_t\|^2 \le 2\eta\,(F_0 - F_T)`,
  kind: 'inequality',
  needs: 'law',
  hypotheses: [
    'no noise',
    {
      text: 'eta (|X|^2 + |Y|^2 + |R|) <= 1 along the run',
      without: {
        instances: design({
          ...plainRuns([1]),
          complete: (draft) => {
            const run = shortRun(draft);
            return { ...run, eta: 32 * run.eta };
          },
        }),
      },
    },
  ],
  bound: {
    tight: 'where the start has X = 0 and rank one, in its first step, for the first inequality',
    on: {
      instances: design({
        ...plainRuns([1]),
        size: { r: [1, 1] },
        complete: (draft) => {
          const run = shortRun(draft);
          return { ...run, X0: run.X0.map(() => [0]) };
        },
      }),
      check(solver, instance) {
        const [target, descent] = [matrix(instance.M), descendPlainly(solver, instance)];
        const start = iterate(descent);
        descent.advance(1);
        const after = iterate(descent);
        const drifted = imbalance(after).sub(imbalance(start)).norm();
        const steps = instance.eta ** 2 * size(gradient(target, start));
        return equal('|D_1 - D_0|', drifted, steps, imbalanceRounding(target, start, after, instance.eta));
      },
    },
  },
  source: 'our proof',
  proof: 'imbalance',
  items: ['4.1'],
  instances: design(plainRuns([1, 4, 32, 256, 1024])),
  check(solver, instance) {
    const [target, descent] = [matrix(instance.M), descendPlainly(solver, instance)];
    const start = iterate(descent);
    let [steps, rounding] = [0, 0];
    let before = start;
    for (let t = 0; t < instance.steps; t++) {
      steps += instance.eta ** 2 * size(gradient(target, before));
      descent.advance(1);
      const after = iterate(descent);
      rounding += imbalanceRounding(target, before, after, instance.eta);
      before = after;
    }
    const drifted = imbalance(before).sub(imbalance(start)).norm();
    const gained = 2 * instance.eta * (loss(target, start) - loss(target, before));
    const scale = instance.eta * (Math.sqrt(size(start)) ** 2 + target.norm()) ** 2;
    rounding += (target.rows * target.columns + instance.steps) * u * (scale + steps);
    return worst([
      atMost('|D_T - D_0| against the squared steps', drifted, steps, rounding),
      atMost('the squared steps against 2 eta (F_0 - F_T)', steps, gained, rounding),
    ]);
  },
};

/** A target s u v' and a start (x u, y v): the descent stays in the plane of x and y. */
const aligned: Design<Instance> = {
  size: { r: [1, 1], k: [1, 1] },
  grids: {
    u: { shape: ['d1', 'one'], unit: 1, max: 2 },
    v: { shape: ['d2', 'one'], unit: 1, max: 2 },
  },
  picks: { x: [1, 1 / 2, 2, -1], y: [0, 1 / 2, -1 / 4, 1 / 8], s: [1, 2, 1 / 2, -1] },
  // The drift is 0 by symmetry where |x u| = |y v|, and where the start is a minimum.
  accepts: ({ grids, picks }) => {
    const [a, b] = [squaredNorm(matrix(grids['u']!)), squaredNorm(matrix(grids['v']!))];
    const { x, y, s } = picks as { x: number; y: number; s: number };
    const [bigger, smaller] = [Math.max(x * x * a, y * y * b), Math.min(x * x * a, y * y * b)];
    return a > 0 && b > 0 && bigger >= 2 * smaller && Math.abs(x * y - s) >= 1 / 4;
  },
  complete({ grids, picks, seed }) {
    const [a, b] = [matrix(grids['u']!), matrix(grids['v']!)];
    const { x, y, s } = picks as { x: number; y: number; s: number };
    const M = Matrix.mul(a.mmul(b.transpose()), s).to2DArray();
    const [X0, Y0] = [a.mul(x).to2DArray(), b.mul(y).to2DArray()];
    const eta = descendingStep(matrix(M), startOf({ X0, Y0 })) / 16;
    return { M, X0, Y0, eta, sigma1: 0, sigma2: 0, steps: 128, seed };
  },
  excludes: () => 'it needs a start aligned with a rank-one target, which it makes itself',
};

export const slope: Claim = {
  id: 'gd/imbalance-slope',
  statement:
    'Over a fixed time the drift of the imbalance is of first order in the step size: half the step size, half the drift.',
  formula: String.raw`\log_2\frac{|D_T(\eta) - D_0|}{|D_{2T}(\eta/2) - D_0|} = 1 + O(\eta)`,
  kind: 'deterministic trajectory',
  needs: 'law',
  hypotheses: [
    'no noise',
    'the drift is not 0 by symmetry: |x|^2 and |y|^2 differ by a factor of 2, and the start is no minimum',
  ],
  bound: 'equality',
  source: 'our proof',
  proof: 'imbalance',
  items: ['4.1'],
  instances: design(aligned),
  check(solver, instance) {
    const driftAt = (halvings: number): number => {
      const descent = descendPlainly(solver, { ...instance, eta: instance.eta / 2 ** halvings });
      const start = imbalance(iterate(descent));
      descent.advance(instance.steps * 2 ** halvings);
      return imbalance(iterate(descent)).sub(start).norm();
    };
    const drifts = [0, 1, 2, 3].map(driftAt);
    const slopes = [0, 1, 2].map((i) => Math.log2(drifts[i]! / drifts[i + 1]!));
    // eta times the curvature is at most 1/32, and the sum of squared residuals differs from its integral by at most
    // that share of itself, twice (docs/theory.md#imbalance): log2(1 + 1/8) is below 1/4 with room for the path's shift.
    return worst(
      slopes.map((found, i) => equal(`slope between eta / ${2 ** i} and eta / ${2 ** (i + 1)}`, found, 1, 1 / 4)),
    );
  },
};

type TwoStarts = Instance & { X1: Grid; Y1: Grid };

/** Rank-one targets with two starts on the side of the attracting minimum, of different imbalance. */
const twoStarts: Design<TwoStarts> = {
  size: { r: [1, 1], k: [1, 1] },
  grids: {
    A: { shape: ['d1', 'one'], unit: 1, max: 2 },
    B: { shape: ['d2', 'one'], unit: 1, max: 2 },
    P: { shape: ['d1', 'one'], unit: 1 / 4, max: 1 },
    Q: { shape: ['d2', 'one'], unit: 1 / 4, max: 1 },
  },
  accepts: ({ grids }) => {
    const [a, b] = [matrix(grids['A']!), matrix(grids['B']!)];
    const [p, q] = [a.dot(matrix(grids['P']!)) / a.norm(), b.dot(matrix(grids['Q']!)) / b.norm()];
    return a.norm() > 0 && b.norm() > 0 && Math.abs(p) + Math.abs(q) >= 1 / 4;
  },
  complete: twoStartsOf,
  excludes: () => 'it needs a target of rank one, which it makes itself',
};

function twoStartsOf({ grids, seed }: Draft): TwoStarts {
  const [a, b, p] = [matrix(grids['A']!), matrix(grids['B']!), matrix(grids['P']!)];
  // The start's projections on u and v get the same sign, which keeps it off the saddle's stable set.
  const aligned = Math.sign(a.dot(p)) * Math.sign(b.dot(matrix(grids['Q']!))) < 0 ? -1 : 1;
  const q = matrix(grids['Q']!).mul(aligned);
  const M = a.mmul(b.transpose());
  const s = M.norm();
  // The second start exchanges the roles: more in X, then more in Y.
  const first = { X: Matrix.mul(p, 2), Y: Matrix.mul(q, 1 / 2) };
  const second = { X: Matrix.mul(p, 1 / 2), Y: Matrix.mul(q, 2) };
  const eta = Math.min(...[first, second].map((start) => descendingStep(M, start))) / 8;
  const slowest = Math.min(...[first, second].map((start) => rateOf(s, start)));
  return {
    M: M.to2DArray(),
    X0: first.X.to2DArray(),
    Y0: first.Y.to2DArray(),
    X1: second.X.to2DArray(),
    Y1: second.Y.to2DArray(),
    eta,
    sigma1: 0,
    sigma2: 0,
    steps: Math.ceil(FOLDS / (eta * slowest)),
    seed,
  };
}

/** Time in units of the slowest rate: e^-30 of the start is left, whatever the start's distance from the saddle here. */
const FOLDS = 30;

/** Local rate (h - |D_0|) / 2 at the limit. */
function rateOf(s: number, start: Factors): number {
  const D0 = imbalance(start).get(0, 0);
  return (Math.hypot(D0, 2 * s) - Math.abs(D0)) / 2;
}

/** X X' and Y Y' at the limit that the start dictates, and how far the drift of the imbalance may move it. */
function predicted(target: Matrix, start: Factors, eta: number): { XX: Matrix; YY: Matrix; tolerance: number } {
  const s = target.norm();
  const D0 = imbalance(start).get(0, 0);
  const h = Math.hypot(D0, 2 * s);
  const [U, V] = [outerGram(target), target.transpose().mmul(target)].map((square) => square.mul(1 / (s * s))) as [
    Matrix,
    Matrix,
  ];
  // da^2/dD = (1 + D/h)/2 <= 1 and |D_T - D_0| <= 2 eta F_0.
  return { XX: U.mul((h + D0) / 2), YY: V.mul((h - D0) / 2), tolerance: 2 * eta * loss(target, start) };
}

export const remembers: Claim<TwoStarts> = {
  id: 'gd/remembers-start',
  statement:
    "From two starts of different imbalance gradient descent goes to two different minima, each the one that its start's imbalance predicts.",
  formula: String.raw`XX' \to \tfrac{h + D_0}{2}\,uu',\quad YY' \to \tfrac{h - D_0}{2}\,vv',\quad h = \sqrt{D_0^2 + 4s^2}`,
  kind: 'deterministic trajectory',
  needs: 'law',
  hypotheses: ["M = s u v' of rank one, r = 1", 'no noise', 'the start is off the stable set of the saddle'],
  bound: 'equality',
  source: 'Liu et al. 2021 (the limit depends on the start); our proof of the formula',
  proof: 'gd-limit',
  items: ['4.2'],
  instances: design(twoStarts),
  check(solver, instance) {
    const target = matrix(instance.M);
    const end = (X0: Grid, Y0: Grid): { found: Factors; want: ReturnType<typeof predicted> } => {
      const descent = descendPlainly(solver, { ...instance, X0, Y0 });
      const want = predicted(target, iterate(descent), instance.eta);
      descent.advance(instance.steps);
      return { found: iterate(descent), want };
    };
    const [one, two] = [end(instance.X0, instance.Y0), end(instance.X1, instance.Y1)];
    // What is left of the way after the steps, e^-30 of the start with room for leaving the saddle's neighbourhood.
    const left = 1e-6 * (target.norm() + 1);
    const agree = [one, two].flatMap(({ found, want }) => [
      equal("X X' at the limit", outerGram(found.X), want.XX, want.tolerance + left),
      equal("Y Y' at the limit", outerGram(found.Y), want.YY, want.tolerance + left),
    ]);
    const apart = Matrix.sub(outerGram(one.found.X), outerGram(two.found.X)).norm();
    const wanted = Matrix.sub(one.want.XX, two.want.XX).norm();
    const different = atLeast(
      'distance of the limits',
      apart,
      wanted,
      one.want.tolerance + two.want.tolerance + 2 * left,
    );
    return worst([...agree, different]);
  },
};
