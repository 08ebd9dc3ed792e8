/** How fast the solver is meant to be: ratios of two times in one run. */
import { bestOfNumpy, type Results, type Times } from './results.ts';

interface Goal {
  readonly shape: string;
  readonly text: string;
  readonly ratio: (ns: Times) => number | undefined;
  readonly met: (ratio: number) => boolean;
}

const over = (time: number | undefined, by: number | undefined): number | undefined =>
  time === undefined || by === undefined ? undefined : time / by;
const withinC = (shape: string, most: number): Goal => ({
  shape,
  text: `ours is at most ${most} times C`,
  ratio: (ns) => over(ns['ours thin'], ns['c thin']),
  met: (ratio) => ratio <= most,
});
const aheadOfNumpy = (shape: string, least: number, form = 'thin'): Goal => ({
  shape,
  text: `NumPy, in its best form, is at least ${Number(least.toFixed(2))} times ours${form === 'thin' ? '' : `, ${form}`}`,
  ratio: (ns) => over(bestOfNumpy(ns), ns[`ours ${form}`]),
  met: (ratio) => ratio >= least,
});

const GOALS: readonly Goal[] = [
  withinC('5 x 5 x 1', 1.5),
  withinC('10 x 8 x 3', 1.5),
  withinC('100 x 80 x 5', 2),
  withinC('1000 x 1000 x 10', 1 / 2),
  aheadOfNumpy('5 x 5 x 1', 20),
  aheadOfNumpy('10 x 8 x 3', 10),
  aheadOfNumpy('100 x 80 x 5', 1),
  aheadOfNumpy('1000 x 1000 x 10', 2),
  aheadOfNumpy('1000 x 1000 x 10', 10, 'reduced'),
];

/** The result for each goal: one line, and whether it was met. A goal without its contender is left out. */
export function goals({ steps, normal }: Results): { line: string; met: boolean }[] {
  const lines = GOALS.flatMap(({ shape, text, ratio, met }) => {
    const found = ratio(steps.find((each) => each.shape.join(' x ') === shape)?.ns ?? {});
    return found === undefined ? [] : [{ line: `${shape}: ${text}: ${found.toFixed(2)}`, met: met(found) }];
  });
  const ours = normal['ours']!;
  return [...lines, { line: `a normal number takes at most 3 ns: ${ours.toFixed(2)}`, met: ours <= 3 }];
}
