/** Misreadings with a number in them, which is fitted to the steps of the solver. */
import { gradient, norm } from '../../src/index.ts';
import { plus, times, noise, along, noisy, type Misreading } from './misreading.ts';

export const FITTED: readonly Misreading[] = [
  {
    text: ([c]) =>
      `sharpness-aware minimisation (SAM): no noise, but the gradient at the point that lies ${c} further along the gradient`,
    next: (s, [c]) => {
      const uphill = gradient(s.target, s.at);
      const length = Math.hypot(norm(uphill.X), norm(uphill.Y));
      return length > 0 ? along(s, times(uphill, c! / length)) : undefined;
    },
    unknown: [0.05],
  },
  {
    text: ([c]) => `${c} times the correct step: its direction is correct, its length is not`,
    next: (s, [c]) => plus(times(s.at, 1 - c!), s.right, c),
    unknown: [1],
  },
  {
    text: ([c]) => `the step with noise ${c} times as large as asked for`,
    next: (s, [c]) => (noisy(s) ? along(s, times(noise(s), c!)) : undefined),
    unknown: [1],
  },
  {
    text: ([c]) => `the correct step plus ${c} times the step before: momentum`,
    next: (s, [c]) => plus(s.right, plus(s.at, s.before, -1), c),
    unknown: [0],
  },
  {
    text: ([c]) => `Nesterov's momentum ${c}: the correct step, once more along it, and along the steps before`,
    next: (s, [c]) => {
      const slope = gradient(s.target, plus(s.at, noise(s)));
      if (s.before === s.at) return plus(s.at, slope, -s.eta * (1 + c!));
      // The velocity before was (at - before) / -eta - slope, as the step before went along slope + c velocity.
      const old = gradient(s.target, plus(s.before, noise(s, s.earlier)));
      const velocity = plus(plus(s.at, s.before, -1), old, s.eta);
      return plus(plus(s.at, slope, -s.eta * (1 + c!)), velocity, c);
    },
    unknown: [0],
  },
  ...(['eta', 'sqrt(eta)'] as const).map((unit): Misreading => ({
    text: ([c]) => `a plain gradient step, and then ${c === '1' ? '' : `${c} `}${unit} times the noise added to (X, Y)`,
    next: (s, [c]) => {
      const plain = along(s, times(noise(s), 0));
      return noisy(s) ? plus(plain, noise(s), c! * (unit === 'eta' ? s.eta : Math.sqrt(s.eta))) : undefined;
    },
    unknown: [0],
  })),
  {
    text: ([c]) =>
      `the correct step cut to a length of ${c === '1' ? '' : `${c} `}eta: its direction is correct, and it is clipped`,
    next: (s, [c]) => {
      const step = plus(s.right, s.at, -1);
      return plus(s.at, step, (c! * s.eta) / Math.hypot(norm(step.X), norm(step.Y)));
    },
    unknown: [1],
  },
  {
    text: ([c]) => `the correct step, and then X times ${c} and Y divided by it: the factors are rescaled`,
    next: (s, [c]) => times(s.right, c!, 1 / c!),
    unknown: [1],
  },
  {
    text: ([c]) => `the correct step, and then the factors times ${c}`,
    next: (s, [c]) => times(s.right, c!),
    unknown: [1],
  },
  {
    text: ([c]) => `the step whose noise has the mean ${c} sigma, not 0`,
    next: (s, [c]) =>
      noisy(s)
        ? along(
            s,
            noise(
              s,
              s.block.map((xi) => xi + c!),
            ),
          )
        : undefined,
    unknown: [0],
  },
  {
    text: ([c1, c2]) => {
      const on = (c: string, factor: string): string => `${c} times as large as asked for on ${factor}`;
      if (c1 === '1') return `the step with noise ${on(c2!, 'Y')}`;
      return `the step with noise ${on(c1!, 'X')}${c2 === '1' ? '' : `, and ${c2} times on Y`}`;
    },
    next: (s, [c1, c2]) => (noisy(s) ? along(s, times(noise(s), c1!, c2)) : undefined),
    unknown: [1, 1],
  },
  {
    text: ([c1, c2]) => `${c1} times the correct step for X, and ${c2} times the correct step for Y`,
    next: (s, [c1, c2]) => plus(times(s.at, 1 - c1!, 1 - c2!), times(s.right, c1!, c2)),
    unknown: [1, 1],
  },
  {
    text: ([c1, c2]) => `the correct step, and then X times ${c1} and Y times ${c2}`,
    next: (s, [c1, c2]) => times(s.right, c1!, c2),
    unknown: [1, 1],
  },
];
