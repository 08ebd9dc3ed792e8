// TensorFlow.js: tf.variableGrads of the loss at perturbed variables, tf.train.sgd. All its numbers are float32.
import * as tf from '@tensorflow/tfjs';
import { Matrix } from 'ml-matrix';

await tf.setBackend('cpu');

/** @type {import('flat-minima').Solver} */
export default function solver({ target, start, stepSize, noise }) {
  const optimizer = tf.train.sgd(stepSize);
  let [X, Y] = [start.X.to2DArray(), start.Y.to2DArray()];

  const perturbed = (factor, sigma) => {
    if (noise === undefined) return factor;
    const normals = new Float64Array(factor.size);
    noise.source.fill(normals);
    return factor.add(tf.tensor2d(Float32Array.from(normals), factor.shape).mul(sigma));
  };

  function step(x, y, M) {
    const { grads } = tf.variableGrads(() => {
      const residual = tf.matMul(perturbed(x, noise?.sigma1), perturbed(y, noise?.sigma2), false, true).sub(M);
      return residual.square().sum().div(2);
    }, [x, y]);
    optimizer.applyGradients(grads);
  }

  return {
    get X() {
      return new Matrix(X);
    },
    get Y() {
      return new Matrix(Y);
    },
    advance(steps) {
      const [x, y, M] = [tf.variable(tf.tensor2d(X)), tf.variable(tf.tensor2d(Y)), tf.tensor2d(target.to2DArray())];
      for (let i = 0; i < steps; i++) tf.tidy(() => step(x, y, M));
      [X, Y] = [x.arraySync(), y.arraySync()];
      tf.dispose([x, y, M]);
    },
  };
}
