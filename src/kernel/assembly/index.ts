/** The exports of the module. */
export { descend, drawn } from './descent';
export { crossProducts } from './cross-products';
export { perturb } from './perturb';
export { subtractProduct } from './subtract-product';
export { triangularise } from './triangularise';
