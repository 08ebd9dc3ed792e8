// The noise of the two factors is exchanged.
import { perturbedGradientDescent } from 'flat-minima';

export default (options) => {
  const { noise } = options;
  if (noise === undefined) return perturbedGradientDescent(options);
  return perturbedGradientDescent({ ...options, noise: { ...noise, sigma1: noise.sigma2, sigma2: noise.sigma1 } });
};
