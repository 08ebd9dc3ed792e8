/** The exports of the module. */
export { descend, drawn } from './descent';
export { crossProducts, perturb, subtractProduct, triangularise } from './simd';
