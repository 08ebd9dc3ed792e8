// ConvNetJS: M = X Y' as a network of two linear layers, trained on the unit vectors, by its Trainer. In float64.
import convnetjs from 'convnetjs';
import { Matrix } from 'ml-matrix';

/** @type {import('flat-minima').Solver} */
export default function solver({ target, start, stepSize, noise }) {
  const [d1, d2, rank] = [target.rows, target.columns, start.X.columns];
  const net = new convnetjs.Net();
  net.makeLayers([
    { type: 'input', out_sx: 1, out_sy: 1, out_depth: d2 },
    { type: 'fc', num_neurons: rank },
    { type: 'regression', num_neurons: d1 },
  ]);
  // Its momentum is 0.9 unless asked for less; it divides gradients by the size of a batch, here one with all unit vectors.
  const trainer = new convnetjs.Trainer(net, { learning_rate: stepSize * d2, momentum: 0, batch_size: d2 });
  const [, ofY, ofX] = net.layers;
  const weights = {
    X: Array.from({ length: d1 * rank }, (_, n) => [ofX.filters[Math.floor(n / rank)].w, n % rank]),
    Y: Array.from({ length: d2 * rank }, (_, n) => [ofY.filters[n % rank].w, Math.floor(n / rank)]),
  };
  for (const name of ['X', 'Y']) {
    weights[name].forEach(([w, i], n) => (w[i] = start[name].get(Math.floor(n / rank), n % rank)));
  }

  /** Momentum adds this to the weights of a factor. */
  function perturb(factor, sigma) {
    const normals = new Float64Array(factor.length);
    noise.source.fill(normals);
    factor.forEach(([w, i], n) => (w[i] += sigma * normals[n]));
    return normals.map((z) => sigma * z);
  }

  function step() {
    const added = noise && { X: perturb(weights.X, noise.sigma1), Y: perturb(weights.Y, noise.sigma2) };
    for (let j = 0; j < d2; j++) {
      const unit = new convnetjs.Vol(1, 1, d2, 0);
      unit.w[j] = 1;
      trainer.train(unit, target.getColumn(j));
    }
    for (const name of added ? ['X', 'Y'] : []) weights[name].forEach(([w, i], n) => (w[i] -= added[name][n]));
    // The factors have no biases.
    for (const layer of [ofX, ofY]) layer.biases.w.fill(0);
  }

  const read = (factor) =>
    Matrix.from1DArray(
      factor.length / rank,
      rank,
      factor.map(([w, i]) => w[i]),
    );
  return {
    get X() {
      return read(weights.X);
    },
    get Y() {
      return read(weights.Y);
    },
    advance(steps) {
      for (let i = 0; i < steps; i++) step();
    },
  };
}
