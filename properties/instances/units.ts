/** Problems in other units: entries that are not dyadic, large and small ones, and step sizes to match. */
import type { Design } from '../model/draft.ts';
import type { Grid, Instance } from '../model/instance.ts';

/** Mostly 1, to which counterexamples in other units are shrunk. */
const UNITS = [1, 1, 1, 1, 1 / 3, 0.07, 13.7, 1 / 1021, 700.3] as const;

/**
 * The same design with its instances in units of c: (c^2 M, c X0, c Y0, c sigma, eta / c^2) has the trajectory of (M,
 * X0, Y0, sigma, eta), scaled by c (docs/theory/escape.md#symmetries). `also` names further grids of the size of the
 * factors. A given target is not changed.
 */
export function inUnits<I extends Instance>(plan: Design<I>, also: readonly (keyof I)[] = []): Design<I> {
  return {
    ...plan,
    picks: { ...plan.picks, units: UNITS },
    complete(draft) {
      const instance = plan.complete(draft);
      const c = draft.target === undefined ? (draft.picks['units'] ?? 1) : 1;
      return c === 1 ? instance : inUnitsOf(c, instance, also);
    },
  };
}

function inUnitsOf<I extends Instance>(c: number, instance: I, also: readonly (keyof I)[]): I {
  const times = (grid: Grid, factor: number): Grid => grid.map((row) => row.map((entry) => factor * entry));
  const others = also.map((name) => [name, times(instance[name] as Grid, c)] as const);
  return {
    ...instance,
    ...Object.fromEntries(others),
    M: times(instance.M, c * c),
    X0: times(instance.X0, c),
    Y0: times(instance.Y0, c),
    sigma1: c * instance.sigma1,
    sigma2: c * instance.sigma2,
    eta: instance.eta / (c * c),
  };
}
