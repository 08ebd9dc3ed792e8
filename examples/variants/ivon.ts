/**
 * IVON (team-approx-bayes/ivon) with its default settings: the scale of the noise and the step size follow an estimate h of
 * the Hessian's diagonal, from the product of noise and gradient; the noise begins with the scale sigma.
 */
import { optimiser } from './optimiser.ts';

const [BETA1, BETA2, DECAY, START] = [0.9, 0.99999, 1e-4, 1];

export default optimiser(({ gradient, normals, sigma, stepSize }) => {
  const [momentum, h] = [sigma.map(() => 0), sigma.map(() => START)];
  const precision = sigma.map((scale) => 1 / (scale ** 2 * (START + DECAY)));
  let step = 0;
  return (weights) => {
    step++;
    const noise = normals().map((z, i) => z / Math.sqrt(precision[i]! * (h[i]! + DECAY)));
    const slope = gradient(weights.map((w, i) => w + noise[i]!));
    return weights.map((w, i) => {
      momentum[i] = BETA1 * momentum[i]! + (1 - BETA1) * slope[i]!;
      // Without noise nothing is learnt of the Hessian.
      if (sigma[i]! > 0) h[i] = learnt(h[i]!, noise[i]! * slope[i]! * (h[i]! + DECAY) * precision[i]!);
      const direction = (momentum[i] / (1 - BETA1 ** step) + DECAY * w) / (h[i]! + DECAY);
      return w - stepSize * (START + DECAY) * direction;
    });
  };
});

/** The moving average of the estimates, corrected so that it stays positive. */
const learnt = (h: number, estimate: number): number =>
  BETA2 * h + (1 - BETA2) * estimate + (((1 - BETA2) ** 2 / 2) * (h - estimate) ** 2) / (h + DECAY);
