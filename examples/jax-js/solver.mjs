// jax-js: grad of the loss at the perturbed factors, compiled by jit, in float64.
// It expects Float16Array, which Node has from version 24 on; nothing here uses it.
import { Matrix } from 'ml-matrix';

globalThis.Float16Array ??= class extends Uint16Array {};
const { grad, jit, numpy: np } = await import('@jax-js/jax');

const loss = (P, Q, M) => np.square(np.matmul(P, Q.transpose()).sub(M)).sum().mul(0.5);
// A function takes over the arrays that it is given; `ref` allows another use of one.
const step = jit((X, Y, xi1, xi2, M, eta) => {
  const [gradientX, gradientY] = grad(loss, { argnums: [0, 1] })(X.ref.add(xi1), Y.ref.add(xi2), M);
  return [X.sub(gradientX.mul(eta.ref)), Y.sub(gradientY.mul(eta))];
});
const array = (numbers) => np.array(numbers, { dtype: np.float64 });

/** @type {import('flat-minima').Solver} */
export default function solver({ target, start, stepSize, noise }) {
  const M = target.to2DArray();
  // Between steps they are arrays of rows: lazy computations would accumulate, and their arrays would not be freed.
  let [X, Y] = [start.X.to2DArray(), start.Y.to2DArray()];

  function perturbation(factor, sigma = 0) {
    const normals = new Float64Array(factor.length * factor[0].length);
    noise?.source.fill(normals);
    return factor.map((row, i) => row.map((_, k) => sigma * normals[i * row.length + k]));
  }

  return {
    get X() {
      return new Matrix(X);
    },
    get Y() {
      return new Matrix(Y);
    },
    advance(steps) {
      for (let i = 0; i < steps; i++) {
        const noises = [perturbation(X, noise?.sigma1), perturbation(Y, noise?.sigma2)];
        [X, Y] = step(...[X, Y, ...noises, M, stepSize].map(array)).map((factor) => factor.js());
      }
    },
  };
}
