/** SmoothOut (wenwei202/smoothout): uniform noise on [-sigma, sigma], and the perturbed gradient clipped to a norm of 5. */
import { norm, optimiser } from './optimiser.ts';

const MOST = 5;

export default optimiser(({ gradient, normals, sigma, stepSize }) => (weights) => {
  const z = normals();
  const slope = gradient(weights.map((w, i) => w + sigma[i]! * uniform(z[i]!)));
  const clip = Math.min(1, MOST / (norm(slope) + 1e-6));
  return weights.map((w, i) => w - stepSize * clip * slope[i]!);
});

/** Uniform on [-1, 1] from a normal number: 2 Phi(z) - 1, to 7 digits (Abramowitz and Stegun, 7.1.26). */
function uniform(z: number): number {
  const t = 1 / (1 + (0.3275911 * Math.abs(z)) / Math.SQRT2);
  const polynomial = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return Math.sign(z) * (1 - polynomial * Math.exp((-z * z) / 2));
}
