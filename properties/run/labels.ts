/** The labels of instances, counted for each claim, to show which instances were tried. */
import type { Matrix } from 'ml-matrix';
import { LABELS, type Label, type LabelCounts } from '../model/labels.ts';
import { binomialCdf } from '../oracles/quantiles.ts';
import { gradient, loss, norm, penalties, singularValues, squaredNorm, type Factors } from '../../src/index.ts';
import { matrix, startOf, type Instance } from '../model/instance.ts';

/** A start is large, or unbalanced, from this factor on. */
const MUCH = 4;

/** The labels of an instance: d1 x d2 target of rank k, factors of rank r. */
export function labelsOf(instance: Instance): Label[] {
  const { M, X0, sigma1, sigma2 } = instance;
  const target = matrix(M);
  const s = singularValues(target).filter((value, _, all) => value > 1e-12 * all[0]!);
  const [d1, d2, r, k] = [target.rows, target.columns, X0[0]!.length, s.length];
  const condition = k === 0 ? 1 : s[0]! / s[k - 1]!;
  const { gamma } = penalties(target, { sigma1, sigma2 });
  const has: Record<Label, boolean> = {
    '1 x 1': d1 * d2 === 1,
    square: d1 === d2,
    'not square': d1 !== d2,
    'rank-deficient': k < Math.min(d1, d2),
    'condition at most 2': condition <= 2,
    'condition above 10': condition > 10,
    'over-parameterised': r > k,
    'under-parameterised': r < k,
    ...startLabels(target, startOf(instance), s[0] ?? 0),
    'without noise': sigma1 === 0 && sigma2 === 0,
    'gamma far from 1': sigma1 > 0 && sigma2 > 0 && (gamma >= 3 / 2 || gamma <= 2 / 3),
  };
  return LABELS.filter((label) => has[label]);
}

type StartLabel = 'start at 0' | 'near a saddle' | 'large start' | 'unbalanced start';

function startLabels(target: Matrix, start: Factors, s1: number): Record<StartLabel, boolean> {
  const [x, y] = [squaredNorm(start.X), squaredNorm(start.Y)];
  const slope = gradient(target, start);
  return {
    'start at 0': x + y === 0,
    // The gradient is small for the size of the problem, but the loss is not.
    'near a saddle': Math.hypot(norm(slope.X), norm(slope.Y)) <= s1 ** 1.5 / 16 && loss(target, start) >= s1 ** 2 / 16,
    'large start': x + y > 0 && x + y >= MUCH * s1,
    'unbalanced start': Math.max(x, y) > MUCH * Math.min(x, y),
  };
}

export function countLabels(counts: LabelCounts, instance: Instance): void {
  for (const label of labelsOf(instance)) counts[label] = (counts[label] ?? 0) + 1;
}

/** The same counts in the order of the labels: which instance came first must not show in the evidence. */
export const inOrder = (counts: LabelCounts): LabelCounts =>
  Object.fromEntries(LABELS.flatMap((label) => (counts[label] === undefined ? [] : [[label, counts[label]]])));

/** Chance that instances with the due share of a label are taken for too few. */
export const UNLUCKY = 1e-9;

/**
 * Whether the count of a label among n instances is so low that its share is below `share`, except with probability
 * UNLUCKY.
 */
export const tooFew = (count: number, n: number, share: number): boolean =>
  // The first condition avoids the tail if the count is at least its mean.
  count < share * n && binomialCdf(count, n, share) < UNLUCKY;
