/** Jin et al.'s perturbed gradient descent: noise on the iterate itself, once in a while, if the gradient is small. */
import { norm, optimiser, perturbed } from './optimiser.ts';

/** The gradient norm below which noise is added, and the number of steps without noise after that. */
const [SMALL, WAIT] = [0.01, 50];

export default optimiser((problem) => {
  let quiet = WAIT;
  return (weights) => {
    quiet++;
    let at = weights;
    if (quiet > WAIT && norm(problem.gradient(at)) <= SMALL) {
      at = perturbed(at, problem);
      quiet = 0;
    }
    const gradient = problem.gradient(at);
    return at.map((w, i) => w - problem.stepSize * gradient[i]!);
  };
});
