/** Nesterov's momentum 0.9 as deep learning libraries write it: the perturbed gradient plus a look ahead along the velocity. */
import { optimiser, perturbed } from './optimiser.ts';

export default optimiser((problem) => {
  let velocity = problem.sigma.map(() => 0);
  return (weights) => {
    const gradient = problem.gradient(perturbed(weights, problem));
    velocity = velocity.map((v, i) => 0.9 * v + gradient[i]!);
    return weights.map((w, i) => w - problem.stepSize * (gradient[i]! + 0.9 * velocity[i]!));
  };
});
