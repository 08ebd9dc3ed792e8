/** Ding, Drusvyatskiy, Fazel and Harchaoui 2022: flat minima, by the scaled trace of the Hessian. */
import type { Matrix } from 'ml-matrix';
import { atLeast, atMost, claim, equal, worst } from '../../model/claim.ts';
import { design } from '../../generate/design.ts';
import { operatorNorm } from '../../oracles/column-space.ts';
import { nuclear, scaledTrace, sumRounding } from '../flatness/flatness-measures.ts';
import { matrix, startOf, type Instance } from '../../model/instance.ts';
import { atMinima, minima } from '../flatness/minima.ts';
import { squaredSize } from '../../oracles/scales.ts';
import { imbalance, squaredNorm } from '../../../src/index.ts';

/** The scaled trace beyond 2 |M|_*, the operator norms that weigh it, the imbalance, and the rounding of the excess. */
function flatnessOf(instance: Instance): { excess: number; scale: number; D: Matrix; tolerance: number } {
  const at = startOf(instance);
  return {
    excess: scaledTrace(instance) - 2 * nuclear(matrix(instance.M)),
    scale: (operatorNorm(at.X) + operatorNorm(at.Y)) ** 2,
    D: imbalance(at),
    tolerance: sumRounding(at) * squaredSize(at),
  };
}

export const dingFlat = claim({
  id: 'ding/flat',
  statement:
    'Among all factors of M flat, by the scaled trace, of least norm and balanced are equivalent: the scaled trace is |X|^2 + |Y|^2, and its excess over the least value 2 |M|_* is bounded from both sides by the imbalance.',
  formula: String.raw`\frac{\|D\|^2}{(\|X\|_{op} + \|Y\|_{op})^2} \le \tfrac1{d_1}\mathrm{tr}\,\nabla^2_{XX}F + \tfrac1{d_2}\mathrm{tr}\,\nabla^2_{YY}F - 2\|M\|_* \le \|D\|_*`,
  kind: 'inequality',
  needs: 'theory',
  hypotheses: [atMinima(minima)],
  bound: {
    tight: 'where r = 1, for the first inequality',
    on: {
      instances: design({ ...minima, size: { r: [1, 1] } }),
      check(_, instance) {
        const { excess, scale, D, tolerance } = flatnessOf(instance);
        return equal('excess times (|X| + |Y|)^2', excess * scale, squaredNorm(D), tolerance * scale);
      },
    },
  },
  source: 'Ding, Drusvyatskiy, Fazel and Harchaoui 2022 (the equivalence); our proof of the two bounds',
  proof: 'ding',
  items: ['8.3', '6.3'],
  instances: design(minima),
  check(_, instance) {
    const { excess, scale, D, tolerance } = flatnessOf(instance);
    return worst([
      equal('scaled trace', scaledTrace(instance), squaredSize(startOf(instance)), tolerance),
      atLeast('excess times (|X| + |Y|)^2', excess * scale, squaredNorm(D), tolerance * scale),
      atMost('excess of the scaled trace', excess, nuclear(D), tolerance),
    ]);
  },
});
