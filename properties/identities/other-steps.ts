/** One step of related descents: momentum, weight decay, two step sizes; and of gradient descent at large steps, at 1 x 1. */
import type { Rows } from './algebra.ts';
import { asDrawn, USUAL_SHAPES, type Identity } from './identity.ts';
import { gradient, imbalance, moved, problem, stackedPair, stepFrom } from './problem.ts';
import type { Setting } from './setting.ts';

const shared = { shapes: USUAL_SHAPES, on: asDrawn } as const;

/** A = Z_t'Z_(t+1) - Z_(t+1)'Z_t from any two iterates. */
export const heavyBall: Identity = {
  claim: 'momentum/decay',
  part: 'for one step, from any two iterates',
  ...shared,
  text(a, shape) {
    const [{ M, at }, eta, b] = [problem(a, shape), a.number('eta'), a.number('b')];
    const before = { X: a.matrix('X-', shape.d1, shape.r), Y: a.matrix('Y-', shape.d2, shape.r) };
    const after = moved(a, stepFrom(a, M, at, at, eta), b, moved(a, at, -1, before));
    const [first, second, third] = [before, at, after].map((pair) => stackedPair(a, pair)) as [
      Rows<typeof b>,
      Rows<typeof b>,
      Rows<typeof b>,
    ];
    const turned = (Z: Rows<typeof b>, next: Rows<typeof b>) =>
      a.minus(a.transposedTimes(Z, next), a.transposedTimes(next, Z));
    return [a.equation('A after step 1', turned(second, third), a.scaled(b, turned(first, second)))];
  },
};

export const weightDecay: Identity = {
  claim: 'momentum/weight-decay',
  ...shared,
  text(a, shape) {
    const [{ M, at }, eta, m] = [problem(a, shape), a.number('eta'), a.number('m')];
    const slope = gradient(a, M, at);
    const after = moved(a, at, a.product(-1, eta), moved(a, slope, m, at));
    const factor = a.square(a.difference(a.one, a.product(eta, m)));
    const expected = a.plus(a.scaled(factor, imbalance(a, at)), a.scaled(a.square(eta), imbalance(a, slope)));
    return [a.equation('D after step 1', imbalance(a, after), expected)];
  },
};

export const twoStepSizes: Identity = {
  claim: 'momentum/two-step-sizes',
  ...shared,
  text(a, shape) {
    const [{ M, at }, eta1, eta2] = [problem(a, shape), a.number('eta1'), a.number('eta2')];
    const slope = gradient(a, M, at);
    const [per1, per2] = [a.inverse(eta1), a.inverse(eta2)];
    const weighted = (X: Rows<typeof eta1>, Y: Rows<typeof eta1>) =>
      a.minus(a.scaled(per1, a.gram(X)), a.scaled(per2, a.gram(Y)));
    const after = weighted(a.minus(at.X, a.scaled(eta1, slope.X)), a.minus(at.Y, a.scaled(eta2, slope.Y)));
    const change = a.minus(a.scaled(eta1, a.gram(slope.X)), a.scaled(eta2, a.gram(slope.Y)));
    return [a.equation('D_w after step 1', after, a.plus(weighted(at.X, at.Y), change))];
  },
};

const SCALAR = { text: '1 x 1', all: [{ d1: 1, d2: 1, r: 1 }] } as const;

/** h = eta, mu = M, p = xy, r = p - mu, S = x^2 + y^2. */
function scalar<T>(a: Setting<T>) {
  const [h, mu, x, y] = [a.number('eta'), a.number('M'), a.number('X'), a.number('Y')];
  const of = (u: T, v: T) => {
    const p = a.product(u, v);
    return { p, r: a.difference(p, mu), S: a.sum(a.square(u), a.square(v)), D: a.difference(a.square(u), a.square(v)) };
  };
  const now = of(x, y);
  const hr = a.product(h, now.r);
  const next = of(a.difference(x, a.product(hr, y)), a.difference(y, a.product(hr, x)));
  return { h, mu, now, next };
}

/** G = S - h mu r - 4 / h */
export const ellipse: Identity = {
  claim: 'large-step/ellipse',
  shapes: SCALAR,
  on: asDrawn,
  text(a) {
    const { h, mu, now, next } = scalar(a);
    const four = a.product(4, a.inverse(h));
    const G = ({ S, r }: typeof now) => a.difference(a.difference(S, a.product(h, mu, r)), four);
    const factor = a.sum(a.one, a.product(h, h, now.r, now.p));
    return [a.equality('G after step 1', G(next), a.product(factor, G(now)))];
  },
};

export const scalarImbalance: Identity = {
  claim: 'large-step/imbalance',
  shapes: SCALAR,
  on: asDrawn,
  text(a) {
    const { h, now, next } = scalar(a);
    const factor = a.difference(a.one, a.square(a.product(h, now.r)));
    return [a.equality('D after step 1', next.D, a.product(factor, now.D))];
  },
};

/** On G = 0, where S = h mu r + 4 / h, c = h r becomes c^3 - 3 c; r+ = r - h r S + h^2 r^2 p. */
export const chebyshev: Identity = {
  claim: 'large-step/chebyshev',
  shapes: SCALAR,
  on: asDrawn,
  text(a) {
    const [h, mu, r] = [a.number('eta'), a.number('M'), a.number('residual')];
    const [p, S] = [a.sum(r, mu), a.sum(a.product(h, mu, r), a.product(4, a.inverse(h)))];
    const next = a.sum(r, a.product(-1, h, r, S), a.product(h, h, r, r, p));
    const c = a.product(h, r);
    return [a.equality('h r after step 1', a.product(h, next), a.difference(a.power(c, 3), a.product(3, c)))];
  },
};

/** From x = y with h x^2 = w and w + 1 / w = 1 + h mu: h p is 1 / w next, and x - y is multiplied by 3 - 2 h mu in two steps. */
export const twoCycle: Identity = {
  claim: 'large-step/two-cycle',
  shapes: SCALAR,
  on: asDrawn,
  text(a) {
    const [h, w] = [a.number('eta'), a.number('w')];
    const perW = a.inverse(w);
    const hMu = a.difference(a.sum(w, perW), a.one);
    // At x = y a step multiplies x by 1 - h r, and x - y near 0 by 1 + h r.
    const [now, next] = [a.difference(w, hMu), a.difference(perW, hMu)];
    const p = a.product(w, a.inverse(h));
    const after = a.product(h, p, a.square(a.difference(a.one, now)));
    const growth = a.product(a.sum(a.one, now), a.sum(a.one, next));
    return [
      a.equality('h p after step 1', after, perW),
      a.equality('growth of x - y', growth, a.difference(a.of(3), a.product(2, hMu))),
    ];
  },
};
