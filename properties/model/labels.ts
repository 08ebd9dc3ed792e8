/** Properties of an instance in the terms of the theory (run/labels.ts finds them). */

/** The properties of an instance that are counted. */
export const LABELS = [
  '1 x 1',
  'square',
  'not square',
  'rank-deficient',
  'condition at most 2',
  'condition above 10',
  'over-parameterised',
  'under-parameterised',
  'start at 0',
  'near a saddle',
  'large start',
  'unbalanced start',
  'without noise',
  'gamma far from 1',
] as const;

/** One of them. */
export type Label = (typeof LABELS)[number];

/** The number of instances with each label. */
export type LabelCounts = Partial<Record<Label, number>>;

/** The least share of the instances that must have each label. */
export type LabelShares = Partial<Record<Label, number>>;

/** Shares that the usual instances must have: any d1 x d2, r and k, any start, any noise. */
export const USUAL: LabelShares = {
  square: 0.3,
  'not square': 0.25,
  'rank-deficient': 0.4,
  'over-parameterised': 0.15,
  'under-parameterised': 0.1,
  'condition at most 2': 0.2,
  'unbalanced start': 0.05,
};
