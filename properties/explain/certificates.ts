/**
 * A certificate that can be checked without this project: numbers that the solver returned, and the relation that they
 * break. JSON writes a double in decimals that read back as the same double, so nothing is lost; examples/check_certificate.py
 * is a checker.
 */
import { Matrix } from 'ml-matrix';
import type { Certificate, FactorGrids, SidesCertificate, StepsCertificate } from '../model/certificate.ts';
import { norm, scriptedNoise, type Factors } from '../../src/index.ts';
import type { Claim, PlainComparison } from '../model/claim.ts';
import { SolverFault } from '../run/guard.ts';
import type { Subject } from '../run/subject.ts';
import { iterate, type Instance } from '../model/instance.ts';
import { departure } from '../oracles/exact-path.ts';
import { stacked } from '../oracles/formula.ts';
import { referenceDescent } from '../oracles/reference-descent.ts';
import { u } from '../oracles/rounding.ts';
import { record } from './recording.ts';
import { transcribed, type Change, type Overdraft, type Stretch } from './transcript.ts';

/** Steps of a stretch at most, and products of numbers: a checker takes some microseconds for each. */
const [STEPS, WORK] = [64, 250_000];

/** The largest number of steps taken one by one, and of products of numbers, if the check reads its runs too seldom. */
const [SINGLE_STEPS, SINGLE_WORK] = [1024, 5_000_000];

/**
 * The certificate of a deterministic refutation of a solver. First choice is the first stretch of a run in the check
 * itself that is off by more than rounding, or the first input that was changed. If there is neither, it is the first
 * wrong step of a run that is read after every step; otherwise the two sides of the claim, or the random numbers that
 * were drawn beyond the expected ones.
 */
export function certificateOf<I extends Instance>(
  { check }: Pick<Claim<I>, 'check'>,
  subject: Subject,
  instance: I,
  finding: PlainComparison | string,
): Certificate | undefined {
  const own = instance.u === undefined ? {} : { u: instance.u };
  let inCheck: StepsCertificate | undefined;
  const sides: { change?: Change; overdraft?: Overdraft } = {};
  const solver = transcribed(subject.solver, {
    stretch: (stretch) => (inCheck ??= isKnown(subject, stretch) ? certified({ ...stretch, ...own }) : undefined),
    change: (change) => (sides.change ??= change),
    overdraft: (overdraft) => (sides.overdraft ??= overdraft),
  });
  unlessFault(() => check(solver, instance));
  if (inCheck !== undefined) return inCheck;
  if (sides.change !== undefined) return ofChange(sides.change);
  const single = unlessFault(() => ofSingleSteps(subject, instance));
  if (single !== undefined) return single;
  if (typeof finding !== 'string') return ofSides(finding);
  return sides.overdraft && ofOverdraft(sides.overdraft);
}

function unlessFault<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (error instanceof SolverFault) return undefined;
    throw error;
  }
}

/** Whether the noise is that of the source: not of a solver with random numbers of its own. */
function isKnown({ ownNoise }: Subject, { sigma1, sigma2 }: Stretch): boolean {
  return (sigma1 === 0 && sigma2 === 0) || !ownNoise;
}

/** The certificate that a stretch is wrong; undefined if it is correct to rounding, or too long to be checked. */
function certified(stretch: Stretch): StepsCertificate | undefined {
  const { target, before, blocks, after } = stretch;
  const products = blocks.length * target.rows * target.columns * before.X.columns;
  if (blocks.length > STEPS || products > WORK || !isFinite(before) || isNear(stretch)) return undefined;
  const { distance, bound } = departure(stretch, after);
  if (!(distance > bound)) return undefined;
  const { eta, u: own, sigma1, sigma2, taken, calls, between } = stretch;
  return {
    ...{
      kind: 'steps',
      M: target.to2DArray(),
      eta,
      ...(own === undefined ? {} : { u: own }),
      sigma1,
      sigma2,
      taken,
      before: grids(before),
      calls,
    },
    ...(between === 0 ? {} : { between }),
    noise: sigma1 === 0 && sigma2 === 0 ? [] : blocks.map((block) => Array.from(block)),
    ...{ after: grids(after), distance, relation: '>', bound },
  };
}

const grids = ({ X, Y }: Factors): FactorGrids => ({ X: X.to2DArray(), Y: Y.to2DArray() });
const isFinite = (factors: Factors): boolean => stacked(factors).to1DArray().every(Number.isFinite);

/** Whether the reference ends so near that exact arithmetic would find nothing: most stretches of most solvers do. */
function isNear({ target, eta, before, sigma1, sigma2, blocks, after }: Stretch): boolean {
  const source = scriptedNoise(blocks.flatMap((block) => Array.from(block)));
  const reference = referenceDescent({ target, start: before, stepSize: eta, noise: { sigma1, sigma2, source } });
  reference.advance(blocks.length);
  const end = stacked(iterate(reference));
  return norm(Matrix.sub(stacked(after), end)) <= 2 * u * norm(end);
}

/** The first wrong step of the instance's run, by `advance(1)`. */
function ofSingleSteps({ solver, ownNoise }: Subject, instance: Instance): StepsCertificate | undefined {
  const { M, X0, steps, sigma1, sigma2 } = instance;
  if (ownNoise && (sigma1 > 0 || sigma2 > 0)) return undefined;
  const affordable = Math.ceil(SINGLE_WORK / (M.length * M[0]!.length * X0[0]!.length));
  const limited = { ...instance, steps: Math.min(steps, SINGLE_STEPS, affordable) };
  const [[t, step] = []] = record(solver, limited, 1).steps;
  if (t === undefined || step === undefined) return undefined;
  const { target, eta, at, to, block } = step;
  const own = instance.u === undefined ? {} : { u: instance.u };
  const stretch = { target, eta, ...own, sigma1, sigma2, before: at, blocks: [block], after: to };
  return certified({ ...stretch, taken: t - 1, calls: [1], between: 0 });
}

const ofChange = ({ name, steps, before, after }: Change): SidesCertificate => ({
  ...{ kind: 'sides', what: `${name} after ${steps === 1 ? '1 step' : `${steps} steps`}, as the solver returned it` },
  ...{ lhs: after.to2DArray(), relation: '=', rhs: before.to2DArray(), tolerance: 0 },
});

const ofOverdraft = ({ steps, asked, due }: Overdraft): SidesCertificate => ({
  ...{ kind: 'sides', what: `random numbers asked for by the end of step ${steps}` },
  ...{ lhs: asked, relation: '=', rhs: due, tolerance: 0 },
});

function ofSides({ what, lhs, relation, rhs, tolerance, violation }: PlainComparison): SidesCertificate | undefined {
  const isViolated = violation > tolerance && violation < Infinity;
  return isViolated ? { kind: 'sides', what, lhs, relation, rhs, tolerance } : undefined;
}
