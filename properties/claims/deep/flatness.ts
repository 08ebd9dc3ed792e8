/** Linear networks of three layers: which minimum is flattest. */
import { Matrix } from 'ml-matrix';
import { atLeast, claim, equal, worst, type Comparison } from '../../model/claim.ts';
import { dropping } from '../../generate/dropping.ts';
import { changed, design } from '../../generate/design.ts';
import type { Design, Draft, Given } from '../../model/draft.ts';
import { targetPicks } from '../../instances/designs.ts';
import { matrix } from '../../model/instance.ts';
import { u } from '../../oracles/rounding.ts';
import { nonzero } from '../../instances/trajectories.ts';
import { decompose, deepLoss, deepProduct, singularValues, squaredNorm } from '../../../src/index.ts';
import { times } from '../../../src/linear-algebra/matrices.ts';
import { atMinimum, away, type Layers, layersOf, networks, type Deep } from './networks.ts';

/** Trace of the Hessian of F by second differences, which are exact: F is of degree 2 in each entry. */
function hessianTrace(target: Matrix, layers: Layers): { trace: number; rounding: number } {
  let [trace, rounding] = [0, 0];
  const here = deepLoss(target, layers);
  layers.forEach((L, j) => {
    for (let i = 0; i < L.rows; i++) {
      for (let k = 0; k < L.columns; k++) {
        const moved = (by: number): Matrix => {
          const next = L.clone();
          return next.set(i, k, next.get(i, k) + by);
        };
        const [up, down] = [1, -1].map((by) => deepLoss(target, layers.with(j, moved(by)))) as [number, number];
        trace += up + down - 2 * here;
        rounding += 64 * (target.rows + target.columns + 8) * u * (up + down + 2 * here + squaredNorm(target));
      }
    }
  });
  return { trace, rounding };
}

const nuclear = (M: Matrix): number => singularValues(M).reduce((sum, value) => sum + value, 0);

/** 3 (d1 d2)^(1/3) |M|_*^(4/3): the least trace of the Hessian at a minimum. */
const leastTrace = (M: Matrix): number => 3 * Math.cbrt(M.rows * M.columns) * Math.cbrt(nuclear(M)) ** 4;

/** d1 |C Y'|^2 + |X|^2 |Y|^2 + d2 |X C|^2. */
function traceFormula([X, C, Yt]: Layers, { rows, columns }: Matrix): number {
  const across = squaredNorm(X!) * squaredNorm(Yt!);
  return rows * squaredNorm(times(C!, Yt!)) + across + columns * squaredNorm(times(X!, C!));
}

/** The trace against its formula, and against the least value. */
function traces(M: Matrix, layers: Layers, compare: typeof atLeast | typeof equal): Comparison {
  const { trace, rounding } = hessianTrace(M, layers);
  const ofBound = 256 * (M.rows + M.columns + 8) * u * trace;
  return worst([
    equal('trace of the Hessian', trace, traceFormula(layers, M), rounding),
    compare('trace of the Hessian', trace, leastTrace(M), rounding + ofBound),
  ]);
}

/** U S^e x, S^f c and y S^g V' for M = U S V'. */
function spectralLayers(M: Matrix, [e, f, g]: readonly number[], [x, c, y]: readonly number[]): Matrix[] {
  const { U, s, V } = decompose(M);
  const power = (p: number): number[] => s.map((value) => (p === 0 ? 1 : Math.max(value, 0) ** p));
  return [
    U.clone().mulRowVector(power(e!)).mul(x!),
    Matrix.diag(power(f!)).mul(c!),
    V.clone().mulRowVector(power(g!)).mul(y!).transpose(),
  ];
}

/** The flattest factors: X = x U S^(1/2), C = c I, Y = y V S^(1/2). */
function flattestLayers(M: Matrix): Matrix[] {
  const total = nuclear(M);
  const t = Math.cbrt(M.rows * M.columns * total);
  const [x, c, y] = [M.rows, total, M.columns].map((each) => Math.sqrt(each / t));
  return spectralLayers(M, [1 / 2, 0, 1 / 2], [x!, c!, y!]);
}

/** Products of entries that one check may take: a second or so. */
const MOST = 2 ** 28;

/** The trace takes two losses for each entry of a layer, and a loss d1 d2 r products. */
const beyondTrace = ({ target, rank: r }: Given): string | undefined => {
  const [d1, d2] = [target.length, target[0]!.length];
  return 2 * r * (d1 + r + d2) * d1 * d2 * r > MOST
    ? 'it takes the loss at two points for each entry of a layer: it needs 2 d1 d2 r^2 (d1 + r + d2) <= 2^28'
    : undefined;
};

const traced: Design<Deep> = { ...networks, excludes: beyondTrace };
const minima = changed({ ...traced, picks: { ...targetPicks, steps: [0] } }, atMinimum);
const apart = (draft: Draft): boolean => away(draft) && nonzero(draft);

export const flattest = claim<Deep>({
  id: 'deep/flattest',
  statement:
    'At a minimum of a network of three layers the trace of the Hessian, which the noise penalises, is at least 3 (d1 d2)^(1/3) times the nuclear norm to the power 4/3.',
  formula: String.raw`XCY' = M:\quad \mathrm{tr}\,\nabla^2F = d_1\|CY'\|^2 + \|X\|^2\|Y\|^2 + d_2\|XC\|^2 \ge 3\,(d_1d_2)^{1/3}\,\|M\|_*^{4/3}`,
  kind: 'inequality',
  needs: 'theory',
  hypotheses: [
    dropping("X C Y' = M", { ...traced, accepts: apart }, (_, instance) =>
      traces(Matrix.mul(matrix(instance.M), 16), layersOf(instance), atLeast),
    ),
  ],
  bound: {
    tight: 'at X = x U S^(1/2), C = c I, Y = y V S^(1/2) with d1/x^2 = |M|_*/c^2 = d2/y^2',
    on: {
      instances: design({ ...traced, accepts: apart }),
      check(_, instance) {
        const M = matrix(instance.M);
        return traces(M, flattestLayers(M), equal);
      },
    },
  },
  proof: 'deep-flattest',
  items: ['10.4'],
  instances: design(minima),
  check: (_, instance) => traces(deepProduct(layersOf(instance)), layersOf(instance), atLeast),
});

export const balancedNotFlattest = claim<Deep>({
  id: 'deep/balanced-is-flattest',
  statement:
    'Among the minima of a network of three layers of square shape those whose neighbouring layers are balanced have the least trace of the Hessian, as they have for two layers.',
  formula: String.raw`X = US^{1/3},\ C = S^{1/3},\ Y = VS^{1/3}:\quad \mathrm{tr}\,\nabla^2F = 3\,(d_1d_2)^{1/3}\,\|M\|_*^{4/3}`,
  kind: 'identity',
  needs: 'theory',
  source: 'generalised from depth two; our counterexample',
  proof: 'deep-flattest',
  items: ['10.4'],
  expected: 'refuted',
  instances: design({ ...traced, size: { d1: [2, 4], d2: [2, 4], k: [1, 2] }, accepts: apart }),
  check(_, instance) {
    const M = matrix(instance.M);
    return traces(M, spectralLayers(M, [1 / 3, 1 / 3, 1 / 3], [1, 1, 1]), equal);
  },
});
