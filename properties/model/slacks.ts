/** The distribution of the slacks of a claim's instances: a histogram that is saved and merged without loss. */

/** Bins of equal width over [0, 1). */
const BINS = 20;

/** Counts of slacks from 0 on; the last is of those that are 1: both sides agree, or an inequality has room. */
export type SlackCounts = number[];

export const noSlacks = (): SlackCounts => new Array<number>(BINS + 1).fill(0);

/** Counts a slack of at least 0; a claim with less is refuted, and has no histogram. */
export function countSlack(counts: SlackCounts, slack: number): void {
  const bin = Math.floor(slack * BINS);
  if (bin >= 0 && bin <= BINS) counts[bin]!++;
}

/** The histogram of all instances together. */
export const addSlacks = (all: readonly SlackCounts[]): SlackCounts =>
  noSlacks().map((_, bin) => all.reduce((sum, counts) => sum + (counts[bin] ?? 0), 0));
