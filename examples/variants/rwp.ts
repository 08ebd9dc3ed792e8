/** RWP (nblt/RWP), with SGD that has no momentum: the mean of the gradient under noise scaled by row norms and that without noise. */
import { optimiser, perturbedByRowNorm } from './optimiser.ts';

const ALPHA = 1 / 2;

export default optimiser((problem) => (weights) => {
  const [noisy, quiet] = [problem.gradient(perturbedByRowNorm(weights, problem)), problem.gradient(weights)];
  return weights.map((w, i) => w - problem.stepSize * (ALPHA * noisy[i]! + (1 - ALPHA) * quiet[i]!));
});
