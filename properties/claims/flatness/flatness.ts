/** The curvature of the loss at its minima: the whole spectrum of the Hessian. */
import { claim, equal, worst, type Comparison } from '../../model/claim.ts';
import { design } from '../../generate/design.ts';
import { shortRuns } from '../../instances/designs.ts';
import { curvatureAt, tooDense } from '../../oracles/hessians.ts';
import { matrix, startOf, type Instance } from '../../model/instance.ts';
import { atMinima, minima } from './minima.ts';
import { u } from '../../oracles/rounding.ts';
import { hessian, minimumSpectrum, rank, squaredNorm } from '../../../src/index.ts';

export const spectrum = claim({
  id: 'flatness/spectrum',
  statement:
    'At a global minimum the nonzero eigenvalues of the Hessian are the nonzero sums of a squared singular value of X and one of Y.',
  formula: String.raw`\mathrm{spec}\,\nabla^2F \setminus 0 = \{\sigma_i(X)^2 + \sigma_j(Y)^2 : i \le d_1,\ j \le d_2\} \setminus 0`,
  kind: 'identity',
  needs: 'theory',
  hypotheses: [atMinima(minima)],
  proof: 'flatness',
  items: ['6.1'],
  instances: design(minima),
  check(_, instance) {
    const { values, rounding, at } = curvatureAt(instance);
    const expected = minimumSpectrum(at);
    // Squared singular values that should be 0 come out at u |X|^2, within the tolerance of being 0.
    return worst(values.map((value, i) => equal(`eigenvalue ${i + 1}`, value, expected[i] ?? 0, rounding)));
  },
});

export const nullity = claim({
  id: 'flatness/nullity',
  statement:
    'The Hessian at a global minimum has a number of zero eigenvalues that the ranks of the factors determine: r^2 if both have rank r.',
  formula: String.raw`\dim\ker\nabla^2F = r(d_1+d_2) - d_1d_2 + (d_1 - \mathrm{rank} X)(d_2 - \mathrm{rank} Y)`,
  kind: 'identity',
  needs: 'theory',
  hypotheses: [atMinima(minima)],
  proof: 'flatness',
  items: ['6.1'],
  instances: design(minima),
  check(_, instance) {
    const { values, largest, at } = curvatureAt(instance);
    const { X, Y } = at;
    const [d1, d2, r] = [X.rows, Y.rows, X.columns];
    // On this lattice nonzero eigenvalues are far above 1e-9 and zeros far below.
    const zeros = values.filter((value) => Math.abs(value) <= 1e-9 * Math.max(1, largest)).length;
    const expected = r * (d1 + d2) - d1 * d2 + (d1 - rank(X)) * (d2 - rank(Y));
    return equal('zero eigenvalues', zeros, expected, 0);
  },
});

export const trace = claim({
  id: 'flatness/trace',
  statement: 'The trace of the Hessian is d2 |X|^2 + d1 |Y|^2 everywhere.',
  formula: String.raw`\mathrm{tr}\,\nabla^2F = d_2\|X\|^2 + d_1\|Y\|^2`,
  kind: 'identity',
  needs: 'theory',
  proof: 'flatness',
  items: ['6.1'],
  instances: design({ ...shortRuns([1]), excludes: tooDense }),
  check: (_, instance) => traceIs(instance, instance.M[0]!.length, instance.M.length),
});

/** The trace against ofX |X|^2 + ofY |Y|^2. */
function traceIs(instance: Instance, ofX: number, ofY: number): Comparison {
  const { X, Y } = startOf(instance);
  const expected = ofX * squaredNorm(X) + ofY * squaredNorm(Y);
  const rounding = 2 * (X.rows + Y.rows) * (X.columns + 2) * u * expected;
  return equal('trace', hessian(matrix(instance.M), { X, Y }).trace(), expected, rounding);
}

export const traceSwapped = claim({
  id: 'flatness/trace-swapped',
  statement: 'False, each factor with its own dimension: the trace of the Hessian is d1 |X|^2 + d2 |Y|^2.',
  formula: String.raw`\mathrm{tr}\,\nabla^2F = d_1\|X\|^2 + d_2\|Y\|^2`,
  kind: 'identity',
  needs: 'theory',
  source: 'our proof (that it is false)',
  proof: 'flatness',
  items: ['6.1'],
  expected: 'refuted',
  // It is true if d1 = d2.
  instances: design({
    ...shortRuns([1]),
    size: { d1: [1, 3], d2: [4, 8] },
    excludes: (given) =>
      given.target.length === given.target[0]!.length ? 'it is true where d1 = d2' : tooDense(given),
  }),
  check: (_, instance) => traceIs(instance, instance.M.length, instance.M[0]!.length),
});
