/** SmoothOut (wenwei202/smoothout): uniform noise on [-sigma, sigma], and the perturbed gradient clipped to a norm of 5. */
import { norm, optimiser } from './optimiser.ts';

const MOST = 5;

export default optimiser(({ gradient, normals, sigma, stepSize }) => (weights) => {
  const z = normals();
  const slope = gradient(weights.map((w, i) => w + sigma[i]! * uniform(z[i]!)));
  const clip = Math.min(1, MOST / (norm(slope) + 1e-6));
  return weights.map((w, i) => w - stepSize * clip * slope[i]!);
});

/** Uniform on [-1, 1] from a normal number z: 2 Phi(z) - 1, by the series of Phi whose terms all have the sign of z. */
function uniform(z: number): number {
  let [sum, term] = [0, z];
  for (let n = 1; sum + term !== sum; n++) {
    sum += term;
    term *= (z * z) / (2 * n + 1);
  }
  return Math.sqrt(2 / Math.PI) * Math.exp((-z * z) / 2) * sum;
}
