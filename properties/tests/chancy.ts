/** A claim whose trials fail with chosen probabilities. */
import seedrandom from 'seedrandom';
import { claims } from '../claims/registry.ts';
import { design } from '../generate/design.ts';
import { shortRuns } from '../instances/designs.ts';
import { atMost, type Claim } from '../model/claim.ts';
import type { Instance } from '../model/instance.ts';
import { noiseSeed } from '../model/seeds.ts';

/** A claim in distribution whose trials fail with given probabilities, one for the solver, one for the reference. */
export function chancy(ofSolver: number, ofReference: number, needs: Claim['needs'] = 'law'): Claim {
  return {
    ...claims[0]!,
    id: 'planted/chance',
    kind: 'statistical',
    needs,
    random: { basis: 'exact bound' },
    instances: design(shortRuns([1])),
    check(_, instance: Instance) {
      const { trial = 0 } = instance;
      const chance = trial > 12 && trial < 1000 ? ofReference : ofSolver;
      return atMost('x', seedrandom(noiseSeed(instance, 'planted'))() < chance ? 1 : 0, 0, 0);
    },
  };
}
