/** Anti-PGD: a gradient step, and then the difference of this step's noise and that of the step before. */
import { optimiser, type Weights } from './optimiser.ts';

export default optimiser(({ gradient, normals, sigma, stepSize }) => {
  let before: Weights = sigma.map(() => 0);
  return (weights) => {
    const [slope, z] = [gradient(weights), normals()];
    const next = weights.map((w, i) => w - stepSize * slope[i]! + sigma[i]! * (z[i]! - before[i]!));
    before = z;
    return next;
  };
});
