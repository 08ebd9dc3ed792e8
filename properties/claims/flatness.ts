/** The curvature of the loss at its minima: the whole spectrum of the Hessian. */
import { EVD } from 'ml-matrix';
import { equal, NONE, worst, type Claim } from '../claim.ts';
import { design, type Design, type Given } from '../design.ts';
import { shortRun, shortRuns } from '../designs.ts';
import { matrix, startOf, type Instance } from '../instance.ts';
import { u } from '../rounding.ts';
import { hessian, minimumSpectrum, rank, squaredNorm } from '../../src/index.ts';

const dense = ({ target, rank: r }: Given): string | undefined =>
  (target.length + target[0]!.length) * r > 64 ? 'its Hessian is dense: it needs (d1 + d2) r <= 64' : undefined;

/** A global minimum: M is the product of the start. */
const minima: Design<Instance> = {
  grids: { X0: { shape: ['d1', 'r'], unit: 1 / 2, max: 2 }, Y0: { shape: ['d2', 'r'], unit: 1 / 2, max: 2 } },
  complete(draft) {
    const { X0, Y0 } = draft.grids as { X0: number[][]; Y0: number[][] };
    return { ...shortRun({ ...draft, target: matrix(X0).mmul(matrix(Y0).transpose()).to2DArray() }), steps: 0 };
  },
  excludes: () => 'it starts at a minimum that it makes itself: the given target has none on the lattice',
};

/** Backward stable eigenvalues are off by a modest multiple of n u |H|; n covers it for n <= 64. */
const eigenRounding = (n: number, norm: number): number => 4 * n * u * norm;

const eigenvalues = (instance: Instance): { found: number[]; rounding: number } => {
  const H = hessian(matrix(instance.M), startOf(instance));
  const found = new EVD(H, { assumeSymmetric: true }).realEigenvalues.sort((a, b) => b - a);
  return { found, rounding: eigenRounding(H.rows, H.norm()) };
};

export const spectrum: Claim = {
  id: 'flatness/spectrum',
  statement:
    'At a global minimum the nonzero eigenvalues of the Hessian are the nonzero sums of a squared singular value of X and one of Y.',
  formula: String.raw`\mathrm{spec}\,\nabla^2F \setminus 0 = \{\sigma_i(X)^2 + \sigma_j(Y)^2 : i \le d_1,\ j \le d_2\} \setminus 0`,
  kind: 'identity',
  needs: 'theory',
  hypotheses: ["X Y' = M"],
  bound: 'equality',
  source: 'our proof',
  proof: 'flatness',
  items: ['6.1'],
  instances: design(minima),
  check(_, instance) {
    const { found, rounding } = eigenvalues(instance);
    const expected = minimumSpectrum(startOf(instance));
    // Squared singular values that should be 0 come out at u |X|^2, within the tolerance of being 0.
    return worst(found.map((value, i) => equal(`eigenvalue ${i + 1}`, value, expected[i] ?? 0, rounding)));
  },
};

export const nullity: Claim = {
  id: 'flatness/nullity',
  statement:
    'The Hessian at a global minimum has as many zero eigenvalues as the ranks of the factors say: r^2 where both have rank r.',
  formula: String.raw`\dim\ker\nabla^2F = r(d_1+d_2) - d_1d_2 + (d_1 - \mathrm{rank} X)(d_2 - \mathrm{rank} Y)`,
  kind: 'identity',
  needs: 'theory',
  hypotheses: ["X Y' = M"],
  bound: 'equality',
  source: 'our proof',
  proof: 'flatness',
  items: ['6.1'],
  instances: design(minima),
  check(_, instance) {
    const { found } = eigenvalues(instance);
    const { X, Y } = startOf(instance);
    const [d1, d2, r] = [X.rows, Y.rows, X.columns];
    // On this lattice nonzero eigenvalues are far above 1e-9 and zeros far below.
    const zeros = found.filter((value) => Math.abs(value) <= 1e-9 * Math.max(1, found[0]!)).length;
    const expected = r * (d1 + d2) - d1 * d2 + (d1 - rank(X)) * (d2 - rank(Y));
    return equal('zero eigenvalues', zeros, expected, 0);
  },
};

export const trace: Claim = {
  id: 'flatness/trace',
  statement: 'The trace of the Hessian is d2 |X|^2 + d1 |Y|^2 everywhere.',
  formula: String.raw`\mathrm{tr}\,\nabla^2F = d_2\|X\|^2 + d_1\|Y\|^2`,
  kind: 'identity',
  needs: 'theory',
  hypotheses: [NONE],
  bound: 'equality',
  source: 'our proof',
  proof: 'flatness',
  items: ['6.1'],
  instances: design({ ...shortRuns([1]), excludes: dense }),
  check(_, instance) {
    const { X, Y } = startOf(instance);
    const expected = Y.rows * squaredNorm(X) + X.rows * squaredNorm(Y);
    const rounding = 2 * (X.rows + Y.rows) * (X.columns + 2) * u * expected;
    return equal('trace', hessian(matrix(instance.M), { X, Y }).trace(), expected, rounding);
  },
};
