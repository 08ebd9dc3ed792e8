/** Other optimisers that perturb weights or gradients, as public code has them, with its usual settings. */
import { Matrix } from 'ml-matrix';
import { gradient, norm, type Factors } from '../../src/index.ts';
import { along, always, each, noise, noisy, normals, perturbedBy, plus, times, type Misreading } from './misreading.ts';
import type { Step } from './recording.ts';

/** A step from everything that the optimiser remembers of its descent. */
type Walk = (step: Step) => Factors;

/** An optimiser with a memory, which begins again with each descent. */
const remembering = (text: string, begin: () => Walk): Misreading => ({
  text: always(text),
  begin,
  next: (step) => {
    const walk = begin();
    return step.history?.map((past) => walk({ ...step, ...past })).at(-1);
  },
});

/** Each row of the noise times the norm of the row that it is added to. */
const byRowNorm = (step: Step): Factors => {
  const scaled = (xi: Matrix, A: Matrix): Matrix => xi.mulColumnVector(A.to2DArray().map((row) => Math.hypot(...row)));
  const { X, Y } = noise(step);
  return { X: scaled(X, step.at.X), Y: scaled(Y, step.at.Y) };
};

/** sigma (2 Phi(z) - 1) for each normal number z. */
const uniform = (step: Step): Factors => {
  const { X, Y } = normals(step);
  const spread = (xi: Matrix, sigma: number): Matrix => each((z) => sigma * spreadEvenly(z), xi);
  return { X: spread(X, step.sigma1), Y: spread(Y, step.sigma2) };
};

/** 2 Phi(z) - 1 by Marsaglia's series, all of whose terms have one sign (Evaluating the normal distribution, 2004). */
function spreadEvenly(z: number): number {
  let [sum, term] = [z, z];
  for (let n = 3; Math.abs(term) > 2 ** -60 * Math.abs(sum); n += 2) sum += term *= (z * z) / n;
  return (2 * sum * Math.exp((-z * z) / 2)) / Math.sqrt(2 * Math.PI);
}

const length = ({ X, Y }: Factors): number => Math.hypot(norm(X), norm(Y));

/** SmoothOut's usual settings: the noise, and the largest norm of a gradient. */
const CLIP = 5;

const smoothOut: Misreading = {
  text: always(
    `SmoothOut: the noise is uniform on [-sigma, sigma], and a gradient longer than ${CLIP} is clipped to that length`,
  ),
  decisive: noisy,
  next: (s) => {
    const slope = gradient(s.target, plus(s.at, uniform(s)));
    return plus(s.at, slope, -s.eta * Math.min(1, CLIP / (length(slope) + 1e-6)));
  },
};

/** Part of the gradient at the perturbed point, and the rest of it at (X, Y). */
const mixed = (text: string, perturbation: Walk): Misreading => ({
  text: ([c]) => `${c} times the gradient ${text} plus the rest of it without noise`,
  next: (s, [c]) =>
    noisy(s) ? plus(times(along(s, perturbation(s)), c!), along(s, times(noise(s), 0)), 1 - c!) : undefined,
  unknown: [1 / 2],
});

/** Kingma and Ba's settings. */
const ADAM = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

function adam(): Walk {
  const { beta1, beta2, epsilon } = ADAM;
  let [mean, square, t] = [undefined as Factors | undefined, undefined as Factors | undefined, 0];
  return (s) => {
    const slope = gradient(s.target, plus(s.at, noise(s)));
    mean = plus(times(mean ?? times(slope, 0), beta1), slope, 1 - beta1);
    square = plus(
      times(square ?? times(slope, 0), beta2),
      both((g) => g * g, slope),
      1 - beta2,
    );
    t++;
    const [m, v] = [times(mean, 1 / (1 - beta1 ** t)), times(square, 1 / (1 - beta2 ** t))];
    return plus(
      s.at,
      both((mean, square) => mean / (Math.sqrt(square) + epsilon), m, v),
      -s.eta,
    );
  };
}

/** The settings of the code of Orvieto et al. */
const ORVIETO = { momentum: 0.9, decay: 5e-4, schedule: 200, factors: 2 };

function orvieto(): Walk {
  const { momentum, decay, schedule, factors } = ORVIETO;
  let [velocity, t] = [undefined as Factors | undefined, 0];
  return (s) => {
    const loud = t < (2 / 3) * schedule ? 1 / Math.sqrt(factors) : 0;
    const slope = plus(gradient(s.target, plus(s.at, noise(s), loud)), s.at, decay);
    velocity = plus(slope, velocity ?? times(slope, 0), momentum);
    const rate = (s.eta / 2) * (1 + Math.cos((Math.PI * Math.min(t++, schedule)) / schedule));
    return plus(s.at, velocity, -rate);
  };
}

/** IVON's usual settings. */
const IVON = { beta1: 0.9, beta2: 0.99999, decay: 1e-4, start: 1 };

function ivon(): Walk {
  const { beta1, beta2, decay, start } = IVON;
  let [mean, h, t] = [undefined as Factors | undefined, undefined as Factors | undefined, 0];
  const learnt = (h: number, estimate: number): number =>
    beta2 * h + (1 - beta2) * estimate + (((1 - beta2) ** 2 / 2) * (h - estimate) ** 2) / (h + decay);
  return (s) => {
    const { sigma1, sigma2, at } = s;
    const before = (h ??= both(() => start, at));
    t++;
    // The noise begins with the scale sigma and has the variance sigma^2 (start + decay) / (h + decay).
    const xi = both((noise, h) => noise * Math.sqrt((start + decay) / (h + decay)), noise(s), before);
    const slope = gradient(s.target, plus(at, xi));
    mean = plus(times(mean ?? times(slope, 0), beta1), slope, 1 - beta1);
    const next = (name: 'X' | 'Y', sigma: number): Matrix =>
      sigma === 0
        ? before[name]
        : each(
            (h, xi, g) => learnt(h, (xi * g * (h + decay)) / (sigma ** 2 * (start + decay))),
            before[name],
            xi[name],
            slope[name],
          );
    h = { X: next('X', sigma1), Y: next('Y', sigma2) };
    const direction = both((m, w, h) => (m / (1 - beta1 ** t) + decay * w) / (h + decay), mean, at, h);
    return plus(at, direction, -s.eta * (start + decay));
  };
}

/** optax's usual decay of the noise. */
const GAMMA = 0.55;

function addNoise(): Walk {
  let t = 0;
  return (s) => plus(along(s, times(noise(s), 0)), noise(s), -s.eta * (++t) ** (-GAMMA / 2));
}

export const OPTIMISERS: readonly Misreading[] = [
  perturbedBy('LPF-SGD: the noise on a row of X or Y is scaled by the norm of that row', byRowNorm),
  perturbedBy('the step whose noise is uniform on [-sigma, sigma], not normal', uniform),
  smoothOut,
  mixed('at the perturbed point', noise),
  mixed('under noise scaled by row norms (RWP)', byRowNorm),
  remembering(
    `Adam (beta ${ADAM.beta1} and ${ADAM.beta2}): each entry has a step size of its own, for any size of its gradient`,
    adam,
  ),
  remembering(
    `weight noise as Orvieto et al. inject it: of scale sigma / sqrt 2, then SGD with momentum ${ORVIETO.momentum}, weight decay ${ORVIETO.decay} and a cosine schedule of ${ORVIETO.schedule} steps`,
    orvieto,
  ),
  remembering(
    `IVON (beta ${IVON.beta1} and ${IVON.beta2}): the scale of the noise and the step size of each entry follow an estimate of the Hessian's diagonal`,
    ivon,
  ),
  remembering(
    `a plain gradient step, with noise of scale sigma / t^${GAMMA / 2} added to the gradient in step t (optax's add_noise)`,
    addNoise,
  ),
];

/** Entry by entry. */
const both = (of: (...entries: number[]) => number, first: Factors, ...more: readonly Factors[]): Factors => ({
  X: each(of, first.X, ...more.map(({ X }) => X)),
  Y: each(of, first.Y, ...more.map(({ Y }) => Y)),
});
