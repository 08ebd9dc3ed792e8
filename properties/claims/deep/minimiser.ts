/** Linear networks of three layers with noise on every layer: the minimiser of the smoothed objective, and the origin. */
import { Matrix } from 'ml-matrix';
import { atLeast, claim, equal, type Comparison } from '../../model/claim.ts';
import { dropping } from '../../generate/dropping.ts';
import { design } from '../../generate/design.ts';
import type { Design } from '../../model/draft.ts';
import { moderate } from '../../instances/large-targets.ts';
import { nonzero } from '../../instances/trajectories.ts';
import { matrix } from '../../model/instance.ts';
import { u } from '../../oracles/rounding.ts';
import { norm, smoothedDeepGradient, smoothedDeepLoss, squaredNorm } from '../../../src/index.ts';
import { plus } from '../../../src/linear-algebra/matrices.ts';
import { away, layersOf, noisyNetworks, sigmasOf, SOURCE, type Deep, type Layers } from './networks.ts';
import { hovered, largerRoot, layersAt, smallerRoot, valueAt } from './narrow.ts';

/** A bound on the rounding of F~: three levels of two products, with sums of at most d1, d2 or r terms, then sums of d1 d2 terms. */
function lossRounding({ M, sigma1, sigmaC, sigma2 }: Deep, [X, C, Yt]: Layers): number {
  const [d1, d2, r] = [M.length, M[0]!.length, C!.rows];
  const squares =
    (squaredNorm(X!) + d1 * r * sigma1 ** 2) *
    (squaredNorm(C!) + r * r * sigmaC ** 2) *
    (squaredNorm(Yt!) + d2 * r * sigma2 ** 2);
  return 2 * (d1 * d2 + 8 * (d1 + d2 + r + 8)) * u * (squares + squaredNorm(matrix(M)));
}

/** F~ after some descent from the start, against its least value: at this tau or at 0. */
function aboveLeast(instance: Deep, tau: number | undefined): Comparison {
  const target = matrix(instance.M);
  let at: Layers = layersOf(instance);
  for (let t = 0; t < instance.steps; t++) {
    const slopes = smoothedDeepGradient(target, at, sigmasOf(instance));
    at = at.map((L, j) => plus(L, slopes[j]!, -instance.eta));
  }
  const least = leastLoss(instance, tau);
  return atLeast('F~', smoothedDeepLoss(target, at, sigmasOf(instance)), least, 2 * lossRounding(instance, at));
}

function leastLoss(instance: Deep, tau: number | undefined): number {
  const of = hovered(instance);
  const [a, b, e] = of.penalties;
  const values = [(a * b * e) / 2, ...(tau === undefined ? [] : [valueAt(of, tau)])];
  return Math.min(...values) + squaredNorm(matrix(instance.M)) / 2;
}

const quiet = [1 / 4, 1 / 8, 1 / 2] as const;
const smoothed: Design<Deep> = {
  ...noisyNetworks,
  size: { d1: [1, 5], d2: [1, 5], r: [1, 1], k: [1, 2] },
  picks: { ...noisyNetworks.picks, steps: [0, 64, 256], near: [1, 0], sigma1: quiet, sigmaC: quiet, sigma2: quiet },
  accepts: nonzero,
  complete(draft) {
    const instance = noisyNetworks.complete(draft);
    return draft.picks['near'] === 1 ? besideRoot(instance) : instance;
  },
  excludes: () => undefined,
};

/** Started at the larger root, if there is one, or at 0, off by a share of the drafted start. */
function besideRoot(instance: Deep, share = 1 / 16): Deep {
  const drafted = layersOf(instance);
  const [X, C, Yt] = layersAt(instance, largerRoot(hovered(instance)));
  return {
    ...instance,
    X0: plus(X, drafted[0]!, share).to2DArray(),
    C0: plus(C, drafted[1]!, share).to2DArray(),
    Y0: plus(Yt, drafted[2]!, share).transpose().to2DArray(),
  };
}

/** At a minimum of width two: both factors are the identity with rows of zeros, and so is M, whose singular values are equal. */
function twoColumns(instance: Deep): Deep {
  const [X, Y] = [Matrix.eye(instance.M.length, 2), Matrix.eye(instance.M[0]!.length, 2)];
  const layers = { X0: X.to2DArray(), C0: Matrix.eye(2).to2DArray(), Y0: Y.to2DArray() };
  return { ...instance, ...layers, M: X.mmul(Y.transpose()).to2DArray(), steps: 0 };
}

const few = { sigma1: [1 / 8], sigmaC: [1 / 8], sigma2: [1 / 8] } as const;

export const minimiser = claim<Deep>({
  id: 'deep/minimiser',
  statement:
    'Noise on the three layers of a network of width one balances each layer against its noise: at the minimum of the smoothed objective the squared norms are one multiple tau of d1 sigma1^2, sigmaC^2 and d2 sigma2^2, or all layers are 0.',
  formula: String.raw`\|x\|^2 = \tau d_1\sigma_1^2,\ c^2 = \tau\sigma_C^2,\ \|y\|^2 = \tau d_2\sigma_2^2,\quad (1 + \tau)^2 = \frac{s_1\sqrt\tau}{\sqrt{d_1d_2}\,\sigma_1\sigma_C\sigma_2};\qquad \tilde F < \tilde F(0) \iff \tau^2 + \tau > 1`,
  kind: 'inequality',
  needs: 'theory',
  hypotheses: [
    dropping(
      'width one',
      { ...smoothed, size: { d1: [2, 4], d2: [2, 4], r: [1, 1], k: [1, 1] }, picks: { ...smoothed.picks, ...few } },
      (_, instance) => {
        const wide = twoColumns(instance);
        return aboveLeast(wide, largerRoot(hovered(wide)));
      },
    ),
    dropping('the larger root tau', { ...smoothed, picks: { ...smoothed.picks, ...few } }, (_, instance) =>
      aboveLeast({ ...besideRoot(instance, 0), steps: 0 }, smallerRoot(hovered(instance))),
    ),
  ],
  bound: {
    tight: 'at the point with this tau',
    on: {
      instances: design(moderate(smoothed)),
      check(_, instance) {
        const tau = largerRoot(hovered(instance));
        const below = tau !== undefined && tau * tau + tau > 1;
        const at = layersAt(instance, below ? tau : 0);
        const value = smoothedDeepLoss(matrix(instance.M), at, sigmasOf(instance));
        return equal('F~', value, leastLoss(instance, tau), 2 * lossRounding(instance, at));
      },
    },
  },
  source: SOURCE,
  proof: 'deep-limit',
  items: ['10.4'],
  instances: design(moderate(smoothed)),
  check: (_, instance) => aboveLeast(instance, largerRoot(hovered(instance))),
});

/** F~ against its value at 0. */
function aboveOrigin(instance: Deep): Comparison {
  const [target, at, sigmas] = [matrix(instance.M), layersOf(instance), sigmasOf(instance)];
  const zero = at.map((L) => L.clone().mul(0));
  const [here, there] = [at, zero].map((layers) => smoothedDeepLoss(target, layers, sigmas)) as [number, number];
  return atLeast('F~', here, there, lossRounding(instance, at) + lossRounding(instance, zero));
}

/** The largest |C| of the claim: r sigmaC^2 sigma1 sigma2 sqrt(d1 d2) / |M|. */
function smallMiddle({ M, C0, sigma1, sigmaC, sigma2 }: Deep): number {
  const [d1, d2, r] = [M.length, M[0]!.length, C0.length];
  return (r * sigmaC ** 2 * sigma1 * sigma2 * Math.sqrt(d1 * d2)) / norm(matrix(M));
}

/** The norm of the middle layer is the largest of the claim. */
const basins: Design<Deep> = {
  ...noisyNetworks,
  size: { d1: [1, 5], d2: [1, 5], r: [1, 3], k: [1, 2] },
  accepts: (draft) => away(draft) && nonzero(draft),
  excludes: () => undefined,
  complete(draft) {
    const instance = noisyNetworks.complete(draft);
    const C = matrix(instance.C0);
    return { ...instance, C0: C.mul(smallMiddle(instance) / norm(C)).to2DArray() };
  },
};

/** The target is the product of the layers, the middle one c times the identity. */
const fitted = (instance: Deep, c: number): Deep => {
  const X = matrix(instance.X0).mul(1 / c);
  const Y = matrix(instance.X0).clone();
  const M = X.mmul(Y.transpose()).mul(c).to2DArray();
  const C0 = Matrix.eye(X.columns).mul(c).to2DArray();
  return { ...instance, M, X0: X.to2DArray(), Y0: Y.to2DArray(), C0 };
};
const silent: Design<Deep> = {
  ...basins,
  picks: { ...basins.picks, sigma1: [1 / 64], sigmaC: [1 / 4], sigma2: [1 / 64] },
};

export const origin = claim<Deep>({
  id: 'deep/origin',
  statement:
    'With noise on all three layers the origin is a local minimum of the smoothed objective, and no point with a small middle layer is lower: with two layers it is a saddle.',
  formula: String.raw`\|C\|\,\|M\| \le r\,\sqrt{d_1d_2}\,\sigma_1\sigma_2\,\sigma_C^2 \;\Rightarrow\; \tilde F(X, C, Y) \ge \tilde F(0)`,
  kind: 'inequality',
  needs: 'theory',
  hypotheses: [
    dropping('noise on the middle layer', silent, (_, instance) => {
      const at = fitted(instance, 1 / 16);
      return aboveOrigin({ ...at, sigmaC: 0 });
    }),
    dropping('a small middle layer', silent, (_, instance) => aboveOrigin({ ...fitted(instance, 1), sigmaC: 1 / 64 })),
  ],
  bound: 'valid',
  source: SOURCE,
  proof: 'deep-limit',
  items: ['10.4'],
  instances: design(moderate(basins)),
  check: (_, instance) => aboveOrigin(instance),
});
