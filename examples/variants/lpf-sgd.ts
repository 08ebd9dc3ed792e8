/** LPF-SGD (devansh20la/LPF-SGD), with SGD that has no momentum: the noise on a row is scaled by the row's norm. */
import { optimiser, perturbedByRowNorm } from './optimiser.ts';

export default optimiser((problem) => (weights) => {
  const slope = problem.gradient(perturbedByRowNorm(weights, problem));
  return weights.map((w, i) => w - problem.stepSize * slope[i]!);
});
