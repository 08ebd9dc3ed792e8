/** The spectrum of the Hessian of the loss at the end of each descent. */
import * as Plot from '@observablehq/plot';
import { hessian, singularValues, smoothedMinimiser, type Factors } from '../../../src/index.ts';
import { plainEnd, ranks, runFrom } from '../../claims/experiments/study.ts';
import { descend, matrix } from '../../model/instance.ts';
import { spectrumOf } from '../../oracles/hessians.ts';
import { referenceDescent } from '../../oracles/reference-descent.ts';
import { COLOURS, draw, words } from './draw.ts';
import type { Picture } from './picture.ts';

/** The last start of the study has by far the larger Y. */
const START = 2;
const LOOKS = 32;

export function spectra(): Picture {
  const setting = ranks.settings['rank 3'];
  const run = runFrom(setting, START);
  const target = matrix(run.M);
  const values = (at: Factors): readonly number[] => spectrumOf(hessian(target, at)).values;
  const gd = values(plainEnd(referenceDescent, run));
  const perturbed = meanSpectrum(run, values);
  const predicted = values(smoothedMinimiser(target, run.X0[0]!.length, setting));
  const flattest = 2 * singularValues(target)[0]!;
  const ranked = (of: readonly number[]): [number, number][] => of.map((value, i) => [i + 1, value]);
  return {
    name: 'spectra',
    title: 'Flat and sharp minima',
    caption: `The eigenvalues of the Hessian of the loss, largest first, for an 8 × 4 target of rank 3. Plain descent from an unbalanced start ends at a sharp minimum: its largest curvature is ${gd[0]!.toFixed(1)}. Perturbed descent ends (mean of ${LOOKS} looks) as the theory predicts (crosses), at about ${perturbed[0]!.toFixed(1)}; no minimum has less than 2s₁ = ${flattest.toFixed(2)} (dotted), and λ lowers that a little.`,
    claims: ['flatness/flatter-than-gd', 'flatness/spectrum', 'flatness/largest'],
    svg: draw('Eigenvalues of the Hessian in order, at the limits of plain and of perturbed descent', {
      x: { label: 'number of the eigenvalue', ticks: 8 },
      y: { label: 'curvature', nice: true, zero: true },
      marks: [
        Plot.ruleY([0], { stroke: COLOURS.quiet }),
        Plot.ruleY([flattest], { stroke: COLOURS.quiet, strokeDasharray: '2 3' }),
        Plot.line(ranked(gd), { stroke: COLOURS.gd, curve: 'step', strokeWidth: 1 }),
        Plot.dot(ranked(gd), { fill: COLOURS.gd, symbol: 'square', r: 3.5 }),
        Plot.line(ranked(perturbed), { stroke: COLOURS.perturbed, curve: 'step', strokeWidth: 1 }),
        Plot.dot(ranked(perturbed), { fill: COLOURS.perturbed, r: 3.5 }),
        Plot.dot(ranked(predicted), { stroke: COLOURS.theory, symbol: 'times', r: 3.5, strokeWidth: 1 }),
        words('plain descent', 10, 4.95, COLOURS.gd),
        words('perturbed descent', 2, 1.5, COLOURS.perturbed),
      ],
    }),
  };
}

/** The spectrum along the run after its settling time, eigenvalue by eigenvalue. */
function meanSpectrum(run: ReturnType<typeof runFrom>, values: (at: Factors) => readonly number[]): number[] {
  const descent = descend(referenceDescent, run);
  descent.advance(run.burnIn);
  const looks = Array.from({ length: LOOKS }, () => {
    descent.advance(Math.floor((run.steps - run.burnIn) / LOOKS));
    return values(descent);
  });
  return looks[0]!.map((_, i) => looks.reduce((sum, look) => sum + look[i]!, 0) / LOOKS);
}
