/** What the module exports. */
export { descend, drawn } from './descent';
export { crossProducts, perturb, subtractProduct, triangularise } from './simd';
