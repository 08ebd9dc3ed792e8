/** Our own solver as a module. */
export { perturbedGradientDescent as default } from '../../../src/index.ts';
