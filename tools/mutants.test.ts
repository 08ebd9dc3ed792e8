/** The claims as mutants of src meet them: few instances, one seed, nothing shrunk, no variations. */
import { describeClaims } from '../properties/describe.ts';
import { perturbedGradientDescent } from '../src/index.ts';

describeClaims(perturbedGradientDescent, { seed: 1, instances: 2, shrink: false });
