/** SGD with momentum 0.9 on the perturbed gradient: the usual choice if a library has the option. */
import { optimiser, perturbed } from './optimiser.ts';

export default optimiser((problem) => {
  let velocity = problem.sigma.map(() => 0);
  return (weights) => {
    const gradient = problem.gradient(perturbed(weights, problem));
    velocity = velocity.map((v, i) => 0.9 * v + gradient[i]!);
    return weights.map((w, i) => w - problem.stepSize * velocity[i]!);
  };
});
