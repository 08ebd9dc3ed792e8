/** Langevin dynamics: the gradient at the iterate, and noise of scale sqrt(2 eta) sigma added to the step. */
import { optimiser } from './optimiser.ts';

export default optimiser(({ gradient, normals, sigma, stepSize }) => (weights) => {
  const [slope, z] = [gradient(weights), normals()];
  return weights.map((w, i) => w - stepSize * slope[i]! + Math.sqrt(2 * stepSize) * sigma[i]! * z[i]!);
});
