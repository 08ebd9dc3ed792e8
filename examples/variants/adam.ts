/** Adam (beta 0.9 and 0.999) on the perturbed gradient: each weight has a step size of its own. */
import { optimiser, perturbed } from './optimiser.ts';

const [BETA1, BETA2, EPSILON] = [0.9, 0.999, 1e-8];

export default optimiser((problem) => {
  const [mean, square] = [new Float64Array(problem.sigma.length), new Float64Array(problem.sigma.length)];
  let step = 0;
  return (weights) => {
    step++;
    const gradient = problem.gradient(perturbed(weights, problem));
    return weights.map((w, i) => {
      mean[i] = BETA1 * mean[i]! + (1 - BETA1) * gradient[i]!;
      square[i] = BETA2 * square[i]! + (1 - BETA2) * gradient[i]! ** 2;
      const [m, v] = [mean[i] / (1 - BETA1 ** step), square[i] / (1 - BETA2 ** step)];
      return w - (problem.stepSize * m) / (Math.sqrt(v) + EPSILON);
    });
  };
});
