/** The steps that a solver takes, one by one, with the random numbers that it drew, for a diagnosis. */
import { Matrix } from 'ml-matrix';
import { norm, type Factors, type Solver } from '../../src/index.ts';
import { blockSize, entriesOf, iterate, noiseTape, optionsOf, type Instance } from '../model/instance.ts';
import { perturb, stacked, stepFrom } from '../oracles/formula.ts';
import { stepRounding } from '../oracles/rounding.ts';

/** One step. Blocks of noise are (d1 + d2) r standard normals, in the contract's order. */
export interface Step {
  readonly target: Matrix;
  readonly eta: number;
  readonly sigma1: number;
  readonly sigma2: number;
  /** The iterate before the step, and the one a step earlier (the start twice in the first step). */
  readonly at: Factors;
  readonly before: Factors;
  /** The iterate after the step, and the correct one. */
  readonly to: Factors;
  readonly right: Factors;
  /** The random numbers of this step, or those it would have drawn next; of the step before; of the first step. */
  readonly block: Float64Array;
  readonly earlier: Float64Array;
  readonly first: Float64Array;
  /** The numbers that it drew beyond those of the step, if they are as numerous again. */
  readonly second?: Float64Array;
  /** The iterates and the drawn numbers of all steps so far, this one's last. */
  readonly history?: readonly Pick<Step, 'at' | 'block'>[];
  /** Unit roundoff of the solver, if it is not that of doubles. */
  readonly u?: number;
  /** The bound on the difference of two ways to compute the step. */
  readonly rounding: number;
}

export interface Recording {
  /** The first steps that are wrong, by their numbers, which count from 1. */
  readonly steps: ReadonlyMap<number, Step>;
  /** Entries of X and Y together. */
  readonly entries: number;
  /** Random numbers that the solver drew, and that were due. */
  readonly drawn: number;
  readonly due: number;
  /** The number for the factors with noise: fewer if one scale is 0. */
  readonly dueToNoisy: number;
}

/** Lets the solver take the steps of an instance, until this number of them was wrong. */
export function record(solver: Solver, instance: Instance, enough: number): Recording {
  const size = blockSize(instance);
  const tape = noiseTape(instance, 2 * instance.steps + 2);
  let drawn = 0;
  const next = (): number => tape[drawn++ % tape.length]!;
  const options = optionsOf(instance, { fill: (out) => out.forEach((_, i) => (out[i] = next())) });
  const block = (from: number): Float64Array =>
    Float64Array.from({ length: size }, (_, i) => tape[(from + i) % tape.length]!);
  const descent = solver(options);
  const wrong = new Map<number, Step>();
  const first = iterate(descent);
  const history: Pick<Step, 'at' | 'block'>[] = [];
  let [before, at, t] = [first, first, 0];
  while (t++ < instance.steps && wrong.size < enough && isComputable(at)) {
    const from = drawn;
    descent.advance(1);
    const to = iterate(descent);
    const blocks = { block: block(from), earlier: block(Math.max(0, from - size)), first: block(0) };
    const second = drawn - from === 2 * size ? { second: block(from + size) } : {};
    history.push({ at, block: blocks.block });
    const step = judged(instance, {
      target: options.target,
      before,
      at,
      to,
      history: [...history],
      ...blocks,
      ...second,
    });
    if (!isMet(step, step.right)) wrong.set(t, step);
    [before, at] = [at, to];
  }
  const dueFor = (numbers: number): number => (options.noise === undefined ? 0 : (t - 1) * numbers);
  return { steps: wrong, entries: size, drawn, due: dueFor(size), dueToNoisy: dueFor(noisyEntries(instance)) };
}

const noisyEntries = ({ X0, Y0, sigma1, sigma2 }: Instance): number =>
  (sigma1 > 0 ? entriesOf(X0) : 0) + (sigma2 > 0 ? entriesOf(Y0) : 0);

/** The largest entry of an iterate whose next steps are recorded: the squares of products of three are finite then. */
const COMPUTABLE = 1e50;

const isComputable = ({ X, Y }: Factors): boolean =>
  [X, Y].every((A) => A.to1DArray().every((entry) => Math.abs(entry) < COMPUTABLE));

function judged(instance: Instance, step: Omit<Step, 'eta' | 'sigma1' | 'sigma2' | 'right' | 'rounding'>): Step {
  const [{ target, at, to, block }, { eta, sigma1, sigma2 }] = [step, instance];
  const perturbed = perturb(at, { sigma1, sigma2 }, block);
  // Other formulas have a few operations more than the correct one, and round more.
  const rounding = 4 * Math.max(...[at, to].map((end) => stepRounding(target, end, perturbed, instance)));
  const own = instance.u === undefined ? {} : { u: instance.u };
  return { ...step, ...own, eta, sigma1, sigma2, right: stepFrom(target, at, perturbed, eta), rounding };
}

/** Whether the solver computed it, up to rounding; never if a number overflows. */
export function isMet({ to, rounding }: Step, next: Factors): boolean {
  const distance = norm(Matrix.sub(stacked(to), stacked(next)));
  return distance < Infinity && distance <= rounding;
}
