/** Sharpness-aware minimisation at factors of rank two and more: it balances the pair of largest curvature, and no other. */
import { Matrix } from 'ml-matrix';
import { atMost, claim, equal, type Comparison } from '../../model/claim.ts';
import { dropping } from '../../generate/dropping.ts';
import { design } from '../../generate/design.ts';
import type { Design } from '../../model/draft.ts';
import { matrix, startOf } from '../../model/instance.ts';
import { decompose, imbalance, norm } from '../../../src/index.ts';
import { outerGram } from '../../../src/linear-algebra/geometry.ts';
import { minimumAt } from '../flatness/minima.ts';
import { sharpnessAware, type Ravine } from './ravines.ts';

const OURS = 'our proof';

/** The start is at X (1 + 1/64): off the minimum. */
const OFF = 1 + 1 / 64;

/** Times rho^2 / S: twice the terms that the formula of the drift omits (docs/theory/other-methods.md#sam-ranks). */
const NEGLECTED = 16;

/** Steps of which the two in the middle stand for all: the drift changes by a share of 2 eta rho^2 or so in a step. */
const BLOCK = 16;

/** Rotates the first two columns by the angle of the triangle 3, 4, 5, or by none. */
function turned(A: Matrix, turn: number): Matrix {
  const [cos, sin] = turn === 0 ? [1, 0] : [4 / 5, 3 / 5];
  const rotation = Matrix.eye(A.columns);
  rotation.set(0, 0, cos).set(0, 1, -sin).set(1, 0, sin).set(1, 1, cos);
  return A.mmul(rotation);
}

/**
 * Starts near a minimum X Y' = M. Both factors have singular values that fall from x = ratio and y = 1 / ratio; their right
 * singular vectors are equal, or differ by a rotation. S = x^2 + y^2 is the largest curvature.
 */
const besideMinima: Design<Ravine> = {
  size: { d1: [2, 4], d2: [2, 4], r: [2, 3] },
  grids: {},
  picks: {
    ...{ ratio: [3 / 2, 2, 1 / 2, 1], second: [1 / 2, 1 / 4], uneven: [1, 3 / 2, 2 / 3], turn: [0, 1] },
    ...{ radius: [1 / 32, 1 / 64], pace: [1 / 4, 1 / 2, 1 / 8] },
  },
  complete({ size: { d1, d2, r }, picks, seed }) {
    const { ratio, second, uneven, turn, radius, pace } = picks as Record<string, number>;
    const rank = Math.min(d1, d2, r);
    const factor = (rows: number, first: number, more: number): Matrix => {
      const values = Array.from({ length: r }, (_, i) => (i < rank ? first * second! ** i * (i === 0 ? 1 : more) : 0));
      return Matrix.diag(values, rows, r);
    };
    const [X, Y] = [factor(d1, ratio!, uneven!), factor(d2, 1 / ratio!, 1 / uneven!)];
    const { X0, ...minimum } = minimumAt({ X, Y: turned(Y, turn!) }, seed);
    const S = ratio! ** 2 + ratio! ** -2;
    const [eta, scale] = [pace! / S, radius! * Math.sqrt(S)];
    const steps = BLOCK * Math.ceil(1 / (8 * BLOCK * eta * scale ** 2));
    return { ...minimum, X0: matrix(X0).mul(OFF).to2DArray(), eta, scale, steps, burnIn: 2 * Math.ceil(32 / pace!) };
  },
  excludes: () => 'it starts at a minimum that it makes itself',
};

/** The part of A'A that belongs to the largest singular value. */
function topGram(A: Matrix): { gram: Matrix; square: number } {
  const { s, V } = decompose(A);
  const square = s[0]! ** 2;
  return { gram: outerGram(V.getColumnVector(0)).mul(square), square };
}

/** The change of D over the run, against the sum of its drift, 2 eta rho^2 / (1 - eta S / 2)^2 times x^2 a a' - y^2 b b'. */
function topDrift(instance: Ravine, normalised = true): Comparison {
  const run = sharpnessAware(instance, normalised);
  run.advance(instance.burnIn);
  const { eta, scale, steps } = instance;
  const [first, drift] = [imbalance(run), Matrix.zeros(run.X.columns, run.X.columns)];
  let [size, nextOrder] = [0, 0];
  for (let t = 0; t < steps; t += BLOCK) {
    run.advance(BLOCK / 2 - 1);
    for (const wait of [1, BLOCK / 2]) {
      const [x, y] = [topGram(run.X), topGram(run.Y)];
      const S = x.square + y.square;
      const rate = (BLOCK * eta * scale ** 2) / (1 - (eta * S) / 2) ** 2;
      drift.add(Matrix.sub(x.gram, y.gram).mul(rate));
      size += rate * S;
      nextOrder = Math.max(nextOrder, scale ** 2 / S);
      run.advance(wait);
    }
  }
  return equal('change of D', imbalance(run).sub(first), drift.mul(-1), NEGLECTED * nextOrder * size);
}

const tied: Design<Ravine> = { ...besideMinima, picks: { ...besideMinima.picks, second: [1], uneven: [1] } };

export const samAtRanks = claim<Ravine>({
  id: 'noise/sharpness-ranks',
  statement:
    'At every rank sharpness-aware minimisation oscillates along the largest curvature, and moves only the top singular pair of each factor: towards balance at the rate of rank one.',
  formula: String.raw`\overline{D^+ - D} = -\frac{2\eta\rho^2}{(1 - \eta S/2)^2}\left(x^2aa' - y^2bb'\right)\left(1 + O(\rho^2/S)\right),\quad Xa = xp,\ Yb = yq,\ S = x^2 + y^2 = \|X\|_{op}^2 + \|Y\|_{op}^2`,
  kind: 'deterministic trajectory',
  needs: 'theory',
  hypotheses: [
    dropping('the gradient is divided by its norm', (_, instance) => topDrift(instance, false)),
    dropping('one curvature is the largest', tied),
  ],
  source: `${OURS}; Bartlett, Long and Bousquet 2023 (abstract read: SAM oscillates along the largest curvature)`,
  proof: 'sam-ranks',
  items: ['9.4'],
  instances: design(besideMinima),
  check: (_, instance) => topDrift(instance),
});

/** Included as a false form: the statement of rank one, at every rank. */
export const samBalancesAll = claim<Ravine>({
  id: 'noise/sharpness-balances',
  statement: 'Sharpness-aware minimisation balances factors of every rank, as noise does.',
  formula: String.raw`|D_T| \le \tfrac12|D_0|`,
  kind: 'deterministic trajectory',
  needs: 'theory',
  bound: 'valid',
  source: 'generalised from rank one; our counterexample',
  proof: 'sam-ranks',
  items: ['9.4'],
  expected: 'refuted',
  instances: design({ ...besideMinima, picks: { ...besideMinima.picks, radius: [1 / 32], pace: [1 / 2] } }),
  check(_, instance) {
    const run = sharpnessAware(instance);
    // 2 eta rho^2 is 1/4 over these steps: three times as many leave less than half at rank one.
    run.advance(instance.burnIn + 3 * instance.steps);
    return atMost('|D_T|', norm(imbalance(run)), norm(imbalance(startOf(instance))) / 2, 1e-9);
  },
});
