// Node requires ES modules by itself from 20.19 on.
const { Matrix, perturbedGradientDescent } = require('flat-minima');

const M = new Matrix([[1]]);
const descent = perturbedGradientDescent({ target: M, start: { X: M, Y: M }, stepSize: 0.1 });
descent.advance(1);
if (descent.X.get(0, 0) === 1) console.log('all good');
