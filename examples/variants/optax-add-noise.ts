/** optax's `add_noise` before SGD: noise of scale sigma / t^(gamma / 2), gamma = 0.55, added to the gradient at the iterate. */
import { optimiser } from './optimiser.ts';

const GAMMA = 0.55;

export default optimiser(({ gradient, normals, sigma, stepSize }) => {
  let step = 0;
  return (weights) => {
    step++;
    const [slope, z] = [gradient(weights), normals()];
    return weights.map((w, i) => w - stepSize * (slope[i]! + Math.sqrt(sigma[i]! ** 2 / step ** GAMMA) * z[i]!));
  };
});
