/** Descents with momentum that are not the heavy ball of src, and A = Z'Z+ - Z+'Z, by which they are distinguished. */
import type { Matrix } from 'ml-matrix';
import {
  gradient,
  type Descent,
  type DescentOptions,
  type Factors,
  type HeavyBallOptions,
  type Solver,
} from '../../../src/index.ts';
import { plus, transposedTimes } from '../../../src/linear-algebra/matrices.ts';
import { stepwise } from '../../../src/solvers/stepwise.ts';
import { perturb } from '../../oracles/formula.ts';

const moved = (at: Factors, by: Factors, times: number): Factors => ({
  X: plus(at.X, by.X, times),
  Y: plus(at.Y, by.Y, times),
});

/** Nesterov's: the gradient is taken at the point to which the momentum moves. */
export function nesterov({ momentum, previous, ...options }: HeavyBallOptions): Descent {
  let before = previous ?? options.start;
  return stepwise(options, (at) => {
    const ahead = moved(at, moved(at, before, -1), momentum);
    before = at;
    return moved(ahead, gradient(options.target, ahead), -options.stepSize);
  });
}

/** The heavy ball on the perturbed gradient. */
export const noisyHeavyBall =
  (momentum: number): Solver =>
  (options: DescentOptions) => {
    const { X, Y } = options.start;
    const block = new Float64Array((X.rows + Y.rows) * X.columns);
    let before = options.start;
    return stepwise(options, (at) => {
      options.noise?.source.fill(block);
      const there = options.noise === undefined ? at : perturb(at, options.noise, block);
      const pushed = moved(at, moved(at, before, -1), momentum);
      before = at;
      return moved(pushed, gradient(options.target, there), -options.stepSize);
    });
  };

/** Z'W - W'Z for Z = (X; Y): r x r, antisymmetric. */
export function twist(Z: Factors, W: Factors): Matrix {
  const across = transposedTimes(Z.X, W.X, transposedTimes(Z.Y, W.Y));
  return across.clone().sub(across.transpose());
}
