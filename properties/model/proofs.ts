/** The chapters of docs/theory, and the anchors of the proofs in each. A test compares them with the files. */
export const CHAPTERS: Readonly<Record<string, readonly string[]>> = {
  setting: ['setting', 'contract', 'residual-free', 'rounding', 'precision', 'certificates', 'stable-step'],
  noise: ['smoothing', 'noise-moments', 'step-covariance'],
  minimisers: ['balance', 'minimisers', 'saddles', 'collapse'],
  limits: ['limit-noise', 'step-moments', 'hovering', 'martingale', 'no-stationary-law'],
  'gradient-descent': ['imbalance', 'gd-limit', 'closed-flow', 'nothing-else', 'modes', 'surplus'],
  'large-steps': ['large-step', 'critical-step', 'two-cycle'],
  escape: ['escape', 'zero-noise', 'symmetries'],
  flatness: ['flatness', 'flatness-limits'],
  'dimension-free': ['dimension-free', 'scale'],
  'other-methods': [
    'label-noise',
    'gradient-noise',
    'entry-sampling',
    'sam',
    'sam-ranks',
    'anti-pgd',
    'momentum',
    'two-steps',
    'scaled',
  ],
  'related-papers': [
    'ye-du',
    'ye-du-steps',
    'ward-kolda',
    'ding',
    'orvieto',
    'one-layer-at-a-time',
    'lee',
    'lee-algorithm',
    'du',
    'dominance',
  ],
  'other-problems': [
    'symmetric',
    'symmetric-fluctuations',
    'symmetric-recovery',
    'deep',
    'deep-flattest',
    'deep-limit',
    'deep-hovering',
    'sensing',
    'sensing-recovery',
  ],
  studies: ['experiments', 'study'],
  verdicts: ['verdicts', 'proved-identities'],
  references: ['references'],
};

const chapterOf = new Map(
  Object.entries(CHAPTERS).flatMap(([chapter, anchors]) => anchors.map((anchor) => [anchor, chapter])),
);

/** The proof with this anchor, from the folder docs: `theory/limits.md#hovering`. */
export const proofPath = (anchor: string): string => `theory/${chapterOf.get(anchor)}.md#${anchor}`;

export const isProof = (anchor: string): boolean => chapterOf.has(anchor);
