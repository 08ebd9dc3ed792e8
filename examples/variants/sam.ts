/** Sharpness-aware minimisation: the gradient at the worst point nearby, rho = 0.05 along the gradient, in place of a random one. */
import { norm, optimiser } from './optimiser.ts';

const RHO = 0.05;

export default optimiser(({ gradient, stepSize }) => (weights) => {
  const ascent = gradient(weights);
  const scale = RHO / (norm(ascent) + 1e-12);
  const slope = gradient(weights.map((w, i) => w + scale * ascent[i]!));
  return weights.map((w, i) => w - stepSize * slope[i]!);
});
