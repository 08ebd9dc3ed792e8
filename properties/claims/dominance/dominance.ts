/** Gradient dominance |grad F| >= c sqrt(2F): the folklore form, which fails for rectangular factors, and the true one. */
import { atLeast, claim, equal, type Comparison } from '../../model/claim.ts';
import { dropping } from '../../generate/dropping.ts';
import { design } from '../../generate/design.ts';
import type { Design, Draft } from '../../model/draft.ts';
import { plainRuns, shortRun, targetPicks } from '../../instances/designs.ts';
import { stacked } from '../../oracles/formula.ts';
import { matrix, startOf, type Grid, type Instance } from '../../model/instance.ts';
import { u } from '../../oracles/rounding.ts';
import { gradient, norm, residual, singularValues } from '../../../src/index.ts';

const anyPoint: Design<Instance> = plainRuns([1]);

interface Sides {
  readonly gradient: number;
  /** sqrt(2F) = |R|. */
  readonly residual: number;
  /** sigma_r of X and of Y. */
  readonly least: readonly [number, number];
  readonly rounding: number;
}

function sidesOf(instance: Instance): Sides {
  const [target, at] = [matrix(instance.M), startOf(instance)];
  const r = at.X.columns;
  const [X, Y] = [norm(at.X), norm(at.Y)];
  // Inner products of at most d1 + d2 + r terms, and singular values, for whose backward error 16 is allowed.
  const rounding = 32 * (target.rows + target.columns + r + 8) * u * (X * Y + norm(target)) * (X + Y);
  return {
    gradient: norm(stacked(gradient(target, at))),
    residual: norm(residual(target, at)),
    least: [singularValues(at.X)[r - 1]!, singularValues(at.Y)[r - 1]!],
    rounding,
  };
}

function dominance(instance: Instance, factor: (least: readonly [number, number]) => number): Comparison {
  const sides = sidesOf(instance);
  const [sigmaX, sigmaY] = sides.least;
  const bound = factor(sides.least) * sides.residual;
  return atLeast('|grad F|', sides.gradient, bound, sides.rounding, { sigmaX, sigmaY });
}

export const folklore = claim({
  id: 'dominance/folklore',
  statement:
    "The gradient is at least the larger of the factors' least singular values times the square root of 2F, for factors of any shape.",
  formula: String.raw`\|\nabla F\| \ge \max(\sigma_r(X), \sigma_r(Y))\,\sqrt{2F}`,
  kind: 'inequality',
  needs: 'theory',
  bound: 'valid',
  source: 'folklore; our counterexample',
  proof: 'dominance',
  items: ['8.7'],
  expected: 'refuted',
  instances: design({ ...anyPoint, size: { r: [1, 2] } }),
  check: (_, instance) => dominance(instance, (least) => Math.max(...least)),
});

/** Which factors are square. */
const BOTH = 0;
const ONLY_X = 1;
const ONLY_Y = 2;

/** Points with one square factor or two, cut from larger ones. */
const square: Design<Instance> = {
  ...anyPoint,
  picks: { ...targetPicks, square: [BOTH, ONLY_X, ONLY_Y] },
  complete: (draft) => shortRun(cutSquare(draft)),
  excludes: ({ target, rank }) =>
    target.length === rank || target[0]!.length === rank ? undefined : 'it needs d1 = r or d2 = r',
};

function cutSquare(draft: Draft): Draft {
  if (draft.target !== undefined) return draft;
  const { size, picks, grids } = draft;
  const cut = (names: readonly string[], but: number): [string, Grid][] =>
    names.map((name) => [name, picks['square'] === but ? grids[name]! : grids[name]!.slice(0, size.r)]);
  return { ...draft, grids: Object.fromEntries([...cut(['A', 'X0'], ONLY_Y), ...cut(['B', 'Y0'], ONLY_X)]) };
}

/** The first column, (a) or (a, b), made into a multiple of an orthogonal matrix. */
function similarity(grid: Grid): Grid {
  const [a, b] = grid.map((row) => row[0]!) as [number, number | undefined];
  return b === undefined
    ? [[a]]
    : [
        [a, -b],
        [b, a],
      ];
}

/** sigma_r of those factors that are square. */
const ofSquare = ({ M, X0 }: Instance, [sigmaX, sigmaY]: readonly [number, number]): number =>
  Math.hypot(M.length === X0[0]!.length ? sigmaX : 0, M[0]!.length === X0[0]!.length ? sigmaY : 0);

export const dominanceSquare = claim({
  id: 'dominance/square',
  statement:
    'The gradient is at least the least singular value of a square factor times the square root of 2F, and the root of the sum of their squares times it if both are square.',
  formula: String.raw`\|\nabla F\|^2 \ge \left([d_1 = r]\,\sigma_r(X)^2 + [d_2 = r]\,\sigma_r(Y)^2\right) 2F`,
  kind: 'inequality',
  needs: 'theory',
  hypotheses: [
    dropping(
      'only a square factor counts: X if d1 = r, Y if d2 = r',
      { ...anyPoint, size: { d1: [2, 8], d2: [2, 8], r: [1, 1] } },
      (_, instance) => dominance(instance, (least) => Math.hypot(...least)),
    ),
  ],
  bound: {
    tight: 'if both factors are multiples of orthogonal matrices, as at 1 x 1',
    on: {
      instances: design({
        ...square,
        size: { r: [1, 2] },
        picks: { ...targetPicks, square: [BOTH] },
        complete(draft) {
          const cut = cutSquare(draft);
          const [X0, Y0] = [similarity(cut.grids['X0']!), similarity(cut.grids['Y0']!)];
          return shortRun({ ...cut, grids: { ...cut.grids, X0, Y0 } });
        },
        excludes: () => 'it makes its own factors, multiples of orthogonal matrices',
      }),
      check(_, instance) {
        const sides = sidesOf(instance);
        return equal('|grad F|', sides.gradient, ofSquare(instance, sides.least) * sides.residual, sides.rounding);
      },
    },
  },
  proof: 'dominance',
  items: ['8.7'],
  instances: design(square),
  check: (_, instance) => dominance(instance, (least) => ofSquare(instance, least)),
});
