/**
 * Weight noise as in aorvieto/noise_injection_overparam: of scale sigma / sqrt 2 on both factors, the gradient taken there,
 * and SGD with momentum 0.9, weight decay 5e-4 and a cosine schedule; no noise after two thirds of it.
 */
import { optimiser } from './optimiser.ts';

const [MOMENTUM, DECAY, SCHEDULE, FACTORS] = [0.9, 5e-4, 200, 2];

export default optimiser(({ gradient, normals, sigma, stepSize }) => {
  let velocity = sigma.map(() => 0);
  let step = 0;
  return (weights) => {
    const z = normals();
    const loud = step < (2 / 3) * SCHEDULE ? 1 / Math.sqrt(FACTORS) : 0;
    const slope = gradient(weights.map((w, i) => w + loud * sigma[i]! * z[i]!));
    velocity = velocity.map((v, i) => MOMENTUM * v + slope[i]! + DECAY * weights[i]!);
    const rate = (stepSize / 2) * (1 + Math.cos((Math.PI * Math.min(step++, SCHEDULE)) / SCHEDULE));
    return weights.map((w, i) => w - rate * velocity[i]!);
  };
});
