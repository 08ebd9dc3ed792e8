/** Anti-PGD, judged as the perturbed gradient descent that it is (docs/theory/other-methods.md#anti-pgd): wrap an implementation of yours alike. */
import { perturbedFormOf } from 'flat-minima';
import antiPgd from './variants/anti-pgd.ts';

export default perturbedFormOf(antiPgd);
