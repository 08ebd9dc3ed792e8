/** A solver that takes the steps of a misreading, to test a diagnosis. */
import { Diverged, type DescentOptions, type Factors, type Solver } from '../../src/index.ts';
import { perturb, stepFrom } from '../oracles/formula.ts';
import type { Misreading } from './misreading.ts';

/**
 * The misreading as a solver, with its unknown numbers; if it is undefined at an iterate, the correct step is taken.
 */
export function solverOf(misreading: Misreading, p: readonly number[]): Solver {
  return ({ target, start, stepSize: eta, noise }: DescentOptions) => {
    const { sigma1, sigma2 } = noise ?? { sigma1: 0, sigma2: 0 };
    const first: Factors = { X: start.X.clone(), Y: start.Y.clone() };
    let [before, at, taken] = [first, first, 0];
    const blocks: Float64Array[] = [];
    const next = misreading.begin?.() ?? misreading.next;
    const draw = (): Float64Array => {
      const block = new Float64Array(at.X.rows * at.X.columns + at.Y.rows * at.Y.columns);
      if (sigma1 > 0 || sigma2 > 0) noise!.source.fill(block);
      blocks.push(block);
      return block;
    };
    const step = (): void => {
      const block = draw();
      const perturbed = perturb(at, { sigma1, sigma2 }, block);
      const right = stepFrom(target, at, perturbed, eta);
      const earlier = blocks.at(-2) ?? block;
      const seen = {
        target,
        eta,
        sigma1,
        sigma2,
        at,
        before,
        right,
        to: right,
        block,
        earlier,
        first: blocks[0]!,
      };
      const to = next({ ...seen, rounding: 0 }, p) ?? right;
      [before, at] = [at, to];
      if (blocks.length > 2) blocks.splice(1, blocks.length - 2);
    };
    return {
      get X() {
        return at.X;
      },
      get Y() {
        return at.Y;
      },
      advance(steps) {
        for (let t = 0; t < steps; t++) step();
        taken += steps;
        // As solvers do: some claims never read the iterate.
        if (![at.X, at.Y].every((A) => A.to1DArray().every(Number.isFinite))) throw new Diverged(taken, eta);
      },
    };
  };
}
