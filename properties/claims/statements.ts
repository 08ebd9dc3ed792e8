/**
 * The statements of docs/theory.md by number, in its order. Claims check each of them; parts that are not checked are
 * listed with the reason. The ledger (docs/claims.md) follows their order.
 */
export interface Statement {
  readonly number: string;
  /** Anchor in docs/theory. */
  readonly anchor: string;
  readonly text: string;
  /** Numbers of the statements that it follows from. */
  readonly uses?: readonly string[];
  /** The parts of the statement that no claim checks, and why. */
  readonly unchecked?: string;
}

export const statements: readonly Statement[] = [
  { number: '1.1', anchor: 'setting', text: 'The algorithms: gradient descent and its perturbed form.' },
  { number: '1.2', anchor: 'contract', text: 'The contract of a solver.' },
  {
    number: '2.1',
    anchor: 'smoothing',
    text: 'The smoothed objective is the loss with a ridge penalty on each factor.',
  },
  {
    number: '2.2',
    anchor: 'smoothing',
    uses: ['1.1', '1.2', '2.1'],
    text: 'The mean of a perturbed step is a gradient step on the smoothed objective.',
  },
  {
    number: '2.3',
    anchor: 'smoothing',
    text: 'Exact averages over the noise without sampling, and a case in which the joint rule is wrong.',
  },
  {
    number: '2.4',
    anchor: 'noise-moments',
    uses: ['2.2'],
    text: 'Which moments of the noise matter; independence cannot be weakened.',
  },
  {
    number: '2.5',
    anchor: 'step-covariance',
    uses: ['1.1', '1.2'],
    text: 'The covariance of a perturbed step, and its distribution.',
  },
  {
    number: '3.1',
    anchor: 'balance',
    uses: ['2.1', '2.2'],
    text: 'Stationary points of the smoothed objective are gamma-balanced.',
  },
  {
    number: '3.2',
    anchor: 'minimisers',
    uses: ['3.1', '3.3'],
    text: 'Its minimisers in closed form, their uniqueness and value.',
    unchecked:
      'that the limit is reached from every start with probability one: at a constant step there is no limit but a long stay near it (3.8)',
  },
  {
    number: '3.3',
    anchor: 'saddles',
    uses: ['3.1'],
    text: 'All its stationary points; those that are not minimal are strict saddles.',
  },
  {
    number: '3.4',
    anchor: 'minimisers',
    uses: ['3.2'],
    text: 'The distance of the limit to the target, and the limit of small noise.',
  },
  {
    number: '3.5',
    anchor: 'limit-noise',
    uses: ['2.2', '3.2'],
    text: 'Rates: of the mean imbalance, near the limit, of fitting before balancing.',
  },
  { number: '3.6', anchor: 'limit-noise', uses: ['2.5', '3.5'], text: 'The noise floor of the imbalance.' },
  {
    number: '3.7',
    anchor: 'martingale',
    uses: ['2.2', '2.5'],
    text: 'The martingale of the imbalance, its variance and its deviations.',
  },
  {
    number: '3.8',
    anchor: 'no-stationary-law',
    uses: ['3.7'],
    text: 'The imbalance along a path, exactly; no stationary law at a constant step.',
    unchecked:
      'that runs diverge almost surely beyond 1 x 1: no proof is known, and no finite run shows it; at 1 x 1 it is proved and counted',
  },
  {
    number: '4.1',
    anchor: 'imbalance',
    uses: ['1.1', '1.2'],
    text: 'Gradient descent conserves the imbalance of its start.',
  },
  {
    number: '4.2',
    anchor: 'gd-limit',
    uses: ['4.1'],
    text: 'The limit of gradient descent at rank one, and its rate.',
    unchecked: 'starts exactly on the stable set of the saddle, beyond the lattice: rounding leaves the set',
  },
  {
    number: '4.3',
    anchor: 'escape',
    uses: ['2.2', '3.3'],
    text: 'Gradient descent never leaves the origin, perturbed descent does, and when.',
  },
  {
    number: '4.4',
    anchor: 'zero-noise',
    uses: ['1.1', '1.2'],
    text: 'Without noise perturbed descent is gradient descent.',
  },
  {
    number: '4.5',
    anchor: 'large-step',
    uses: ['1.1', '1.2', '6.2'],
    text: 'At a stable limit no curvature exceeds 2 / eta.',
    unchecked:
      'that large steps converge at all: claims speak of the runs that do, except along one pair of singular vectors (4.6)',
  },
  {
    number: '4.6',
    anchor: 'critical-step',
    uses: ['1.1', '1.2'],
    text: 'Along one pair of singular vectors: the border of convergence, exactly.',
    unchecked:
      'starts from which descent converges to a saddle or to an unstable minimum: a null set, of which a part is proved to be one',
  },
  {
    number: '4.7',
    anchor: 'two-cycle',
    uses: ['4.6'],
    text: 'Beyond the edge of stability: a balanced cycle of two points, mode by mode.',
    unchecked: 'steps with h mu above sqrt 5 - 1, where longer cycles and chaos follow',
  },
  {
    number: '4.8',
    anchor: 'closed-flow',
    uses: ['1.1', '1.2', '2.2'],
    text: 'The whole path of gradient flow in closed form, with and without noise.',
    unchecked: 'starts whose imbalance is no multiple of the identity: there is no closed form',
  },
  {
    number: '4.9',
    anchor: 'nothing-else',
    uses: ['4.1'],
    text: 'Gradient flow conserves nothing except the imbalance.',
  },
  { number: '4.10', anchor: 'modes', uses: ['4.8'], text: 'The fit of an aligned mode is logistic.' },
  {
    number: '4.11',
    anchor: 'surplus',
    uses: ['1.1', '1.2', '2.2'],
    text: 'Directions that the target does not have: balance is flat, but slow.',
  },
  { number: '5.1', anchor: 'symmetries', uses: ['1.1', '1.2'], text: 'Symmetries of the descents.' },
  { number: '5.2', anchor: 'symmetries', text: 'The larger symmetry of the loss.' },
  { number: '6.1', anchor: 'flatness', text: 'Spectrum, nullity and trace of the Hessian at a minimum.' },
  {
    number: '6.2',
    anchor: 'flatness',
    uses: ['6.1'],
    text: 'Largest and smallest nonzero eigenvalue, condition number, and the minima at which they are best.',
  },
  {
    number: '6.3',
    anchor: 'flatness',
    uses: ['3.2', '6.2'],
    text: 'The size of the factors; which noise selects which flattest point, by which measure.',
  },
  {
    number: '6.4',
    anchor: 'flatness',
    uses: ['2.1', '6.3'],
    text: 'The noise selects the minimum at which it increases the mean loss least.',
  },
  {
    number: '7.1',
    anchor: 'dimension-free',
    uses: ['1.1', '1.2'],
    text: 'A form of perturbed descent with exactly the same distribution, whose step costs the same at every dimension.',
  },
  {
    number: '7.2',
    anchor: 'scale',
    uses: ['3.2', '3.5', '7.1'],
    text: 'The theory at scale: balance, the limit at a finite step size, and plain descent, at every dimension.',
  },
  {
    number: '8.1',
    anchor: 'ye-du',
    uses: ['1.1', '1.2'],
    text: 'Ye and Du 2021: gradient descent from a small random start.',
    unchecked:
      "the theorem's own constants and polynomials, of which no readable source was found: the exponents and the distribution of the number of steps are checked",
  },
  {
    number: '8.2',
    anchor: 'ward-kolda',
    uses: ['1.1', '1.2'],
    text: 'Ward and Kolda 2023: alternating gradient descent.',
    unchecked:
      "the theorem's absolute constant and its probability from the random start, of which no readable source was found: its exponents are attained, and linear convergence has constants of our own",
  },
  {
    number: '8.3',
    anchor: 'ding',
    uses: ['6.3'],
    text: 'Ding, Drusvyatskiy and Fazel 2022: flat, least norm and balanced are one.',
  },
  {
    number: '8.4',
    anchor: 'orvieto',
    uses: ['2.1', '2.2', '3.2'],
    text: 'Orvieto et al. 2022: noise on one factor, or one layer, at a time.',
  },
  {
    number: '8.5',
    anchor: 'lee',
    uses: ['3.2', '6.3'],
    text: 'Lee, Liang, Tang and Toh 2022: the factored and the convex problem, and an algorithm that alternates between them.',
    unchecked:
      "the paper's own theorems, of which no readable source was found: value, rate and rank are checked with bounds of our own",
  },
  {
    number: '8.6',
    anchor: 'du',
    uses: ['4.1'],
    text: 'Du, Hu and Lee 2018: quantities that gradient flow conserves.',
  },
  {
    number: '8.7',
    anchor: 'dominance',
    text: 'Folklore: gradient dominance for rectangular factors, false as usually stated.',
  },
  {
    number: '9.1',
    anchor: 'label-noise',
    uses: ['4.1', '6.1'],
    text: 'Label noise selects the minimum of least trace, on the time scale 1 / eta^2.',
  },
  {
    number: '9.2',
    anchor: 'gradient-noise',
    uses: ['4.1'],
    text: 'Noise on the gradient selects no minimum.',
  },
  {
    number: '9.3',
    anchor: 'entry-sampling',
    uses: ['4.1'],
    text: 'Sampling of entries balances only while the target is not fitted.',
  },
  {
    number: '9.4',
    anchor: 'sam',
    uses: ['4.1'],
    text: 'At rank one sharpness-aware minimisation balances as fast as noise of its radius, unless its perturbation fades with the gradient; at higher ranks it moves the top pair alone.',
  },
  {
    number: '9.5',
    anchor: 'anti-pgd',
    uses: ['1.1', '2.2'],
    text: 'Anti-PGD is perturbed gradient descent, seen at the perturbed point.',
  },
  {
    number: '9.6',
    anchor: 'momentum',
    uses: ['1.1', '1.2'],
    text: 'Momentum can be read off three iterates.',
  },
  {
    number: '9.7',
    anchor: 'two-steps',
    uses: ['4.1'],
    text: 'Weight decay and two step sizes change the conserved quantity.',
  },
  {
    number: '9.8',
    anchor: 'scaled',
    text: 'To first order, the rate of scaled gradient descent does not depend on the singular values.',
    unchecked: 'the rate and the region of convergence of Tong, Ma and Chi 2021: the body of the paper was not read',
  },
  {
    number: '10.1',
    anchor: 'symmetric',
    text: "The symmetric problem X X' = M: the penalty of the noise, and the limit.",
  },
  {
    number: '10.2',
    anchor: 'symmetric-recovery',
    uses: ['10.1'],
    text: 'Liu, Li, Zhou and Zhao 2022: recovery of a rank-one signal from noisy observations.',
    unchecked:
      'the theorem as stated, with its number of steps and its conditions: only its abstract was read; the rates of the error are checked',
  },
  {
    number: '10.3',
    anchor: 'deep',
    text: 'Linear networks of three layers: quantities that gradient flow and a step conserve.',
  },
  {
    number: '10.4',
    anchor: 'deep-flattest',
    uses: ['10.3'],
    text: 'Noise on all layers: the smoothed objective, the flattest minimum, and the limit at width one.',
    unchecked: 'the limit at widths of two and more: the equations of its stationary points have no closed form',
  },
  {
    number: '10.5',
    anchor: 'sensing',
    text: 'Matrix sensing: the penalty of the noise, the flatness of Ding et al., and the reweighted nuclear norm.',
  },
  {
    number: '10.6',
    anchor: 'sensing-recovery',
    uses: ['10.5'],
    text: 'Matrix sensing: the convex problem, recovery, and completion.',
    unchecked:
      'the theorem of Ding, Drusvyatskiy, Fazel and Harchaoui on exact recovery, whose constants were not read: recovery is measured, and so is the rate of failed trials',
  },
];

/** The numbers of all statements that the given ones follow from, directly or not; themselves not included. */
export function basesOf(numbers: readonly string[]): ReadonlySet<string> {
  const bases = new Set<string>();
  const waiting = [...numbers];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const uses = statements.find(({ number }) => number === next)?.uses ?? [];
    waiting.push(...uses.filter((number) => !bases.has(number)));
    for (const number of uses) bases.add(number);
  }
  return bases;
}
