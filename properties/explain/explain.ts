/** Prints a diagnosis with a refutation only if it explains it. */
import { Matrix } from 'ml-matrix';
import { type Claim, type PlainComparison, refutes, toPlain } from '../model/claim.ts';
import { descend, iterate, noiseOf, optionsOf, type Instance } from '../model/instance.ts';
import { SolverFault, guarded, noWatch } from '../run/guard.ts';
import type { Subject } from '../run/subject.ts';
import { norm, type NoiseSource, type Solver } from '../../src/index.ts';
import { stacked } from '../oracles/formula.ts';
import { referenceDescent } from '../oracles/reference-descent.ts';
import { conversion } from '../oracles/rounding.ts';
import { diagnose, NAMED } from './diagnosis.ts';

/** Compared numbers may differ by this share: the same steps, computed otherwise. */
const SAME = 1e-3;

/** Longer runs are not repeated to test whether cuts into calls matter. */
const CUT = 1024;

/** The mistake of the solver, as far as it explains the finding on this instance. */
export function explain<I extends Instance>(
  claim: Claim<I>,
  subject: Subject,
  instance: I,
  finding: PlainComparison | string,
): string | undefined {
  const counted = miscounted(subject);
  if (counted !== undefined) return counted;
  const cuts = dependsOnCuts(subject, instance) ? [CUTS] : [];
  const diagnosis = diagnose(subject, instance);
  if (diagnosis === undefined) return cuts[0];
  const { text, alike, otherwise } = diagnosis;
  const isExplained = alike === undefined || findsTheSame(claim, alike, instance, finding);
  return [...cuts, isExplained ? text : otherwise].join('\n');
}

const CUTS =
  'Its iterates depend on how the steps are cut into calls of advance: advance(n) is not n times advance(1).';

/** A problem on which every step moves the iterate. */
const COUNTED: Instance = {
  M: [[2, 1]],
  X0: [[1]],
  Y0: [[0.5], [-1]],
  eta: 1 / 32,
  sigma1: 0,
  sigma2: 0,
  steps: 9,
  seed: 1,
};

/** That each call of advance takes one step too few or too many, which must be correct. */
function miscounted({ solver }: Subject): string | undefined {
  const after = (of: Solver, steps: number): Matrix => {
    const descent = descend(of, COUNTED);
    if (steps > 0) descent.advance(steps);
    return stacked(iterate(descent));
  };
  try {
    const off = [-1, 1].find((more) =>
      [1, 2, 5].every((n) => {
        const [found, right] = [after(solver, n), after(referenceDescent, n + more)];
        return norm(Matrix.sub(found, right)) <= 1e-6 * norm(right);
      }),
    );
    if (off === undefined) return undefined;
    return `${NAMED}: advance(n) takes n ${off < 0 ? '- 1' : '+ 1'} steps, which are correct.`;
  } catch (error) {
    if (error instanceof SolverFault) return undefined;
    throw error;
  }
}

/** Whether a solver fails the claim in the same way. */
function findsTheSame<I extends Instance>(
  claim: Claim<I>,
  solver: Solver,
  instance: I,
  finding: PlainComparison | string,
): boolean {
  try {
    const found = claim.check(guarded(solver, noWatch), instance);
    if (!refutes(found) || typeof finding === 'string') return false;
    const { violation, what } = toPlain(found);
    return what === finding.what && Math.abs(violation - finding.violation) <= SAME * finding.violation;
  } catch (error) {
    if (error instanceof SolverFault) return typeof finding === 'string';
    throw error;
  }
}

/** Whether one call and single steps under the same noise end at different points; `earlier` ones are taken in one call too. */
function dependsOnCuts({ solver, ownNoise }: Subject, instance: Instance & { earlier?: number }): boolean {
  const steps = Math.min(instance.steps + (instance.earlier ?? 0), CUT);
  if (steps < 2) return false;
  const plainly = ownNoise ? { ...instance, sigma1: 0, sigma2: 0 } : instance;
  // A solver may know the first source, and must ask any other one.
  const sources: (() => NoiseSource)[] = [() => noiseOf(plainly), () => asked(noiseOf(plainly))];
  return sources.some((source) => differsByCuts(solver, plainly, steps, source));
}

const asked = (source: NoiseSource): NoiseSource => ({ fill: (out) => source.fill(out) });

function differsByCuts(solver: Solver, instance: Instance, steps: number, source: () => NoiseSource): boolean {
  try {
    const [whole, single] = [solver(optionsOf(instance, source())), solver(optionsOf(instance, source()))];
    whole.advance(steps);
    for (let t = 0; t < steps; t++) single.advance(1);
    const [one, other] = [stacked(iterate(whole)), stacked(iterate(single))];
    return norm(Matrix.sub(one, other)) > Math.max(1e-6, steps * conversion(instance)) * (norm(one) + norm(other));
  } catch (error) {
    if (error instanceof SolverFault) return false;
    throw error;
  }
}
