/** The course of a quantity along a run: by the refuted solver, and by a correct one under the same noise. */
import { Matrix } from 'ml-matrix';
import { gram, norm, penalties, product, smoothedMinimiser, type Factors, type Solver } from '../../src/index.ts';
import { outerGram } from '../../src/linear-algebra/geometry.ts';
import type { Claim } from '../model/claim.ts';
import { descend, matrix, type Instance } from '../model/instance.ts';
import { number } from '../model/numbers.ts';
import { referenceDescent } from '../oracles/reference-descent.ts';

/** A quantity along two runs, of the refuted solver and of a correct one. */
export interface Course {
  /** The quantity, in the notation of the theory. */
  readonly quantity: string;
  /** Numbers of steps, and the quantity after them. */
  readonly steps: readonly number[];
  /** By the refuted solver. */
  readonly solver: readonly number[];
  /** By a correct one. */
  readonly right: readonly number[];
}

const [WIDTH, HEIGHT] = [60, 9];

/** Undefined if there is no long run, or if both courses agree. */
export function courseOf(claim: Claim, solver: Solver, instance: Instance): Course | undefined {
  if (!claim.kind.endsWith('trajectory') || instance.steps < WIDTH) return undefined;
  const [quantity, value] = quantityOf(claim, instance);
  const steps = Array.from({ length: WIDTH + 1 }, (_, i) => Math.round((i * instance.steps) / WIDTH));
  const along = (of: Solver): number[] | undefined => {
    try {
      const descent = descend(of, instance);
      return steps.map((t, i) => {
        descent.advance(t - (steps[i - 1] ?? 0));
        return value(descent);
      });
    } catch {
      // It stopped on the way, as a run that diverges does.
      return undefined;
    }
  };
  const [here, right] = [along(solver), along(referenceDescent)];
  if (here === undefined || right === undefined) return undefined;
  const apart = Math.max(...here.map((each, i) => Math.abs(each - right[i]!)));
  return apart > Math.max(...here, ...right) / HEIGHT ? { quantity, steps, solver: here, right } : undefined;
}

/** The most informative quantity for the claims of a family. */
function quantityOf({ id }: Claim, instance: Instance): [string, (at: Factors) => number] {
  const target = matrix(instance.M);
  const { alpha, beta } = penalties(target, instance);
  if (id.startsWith('escape/')) return ["|X Y'|", (at) => norm(product(at))];
  if (alpha * beta === 0) return ["|X'X - Y'Y|", ({ X, Y }) => norm(gram(X).sub(gram(Y)))];
  if (/^(limit|experiment)\//.test(id)) {
    const grams = (at: Factors): Matrix[] => [outerGram(at.X), product(at), outerGram(at.Y)];
    const ends = grams(smoothedMinimiser(target, instance.X0[0]!.length, instance));
    const distance = (at: Factors): number =>
      Math.hypot(...grams(at).map((each, i) => norm(Matrix.sub(each, ends[i]!))));
    return ["|(XX', XY', YY') - their limits|", distance];
  }
  return ["|alpha X'X - beta Y'Y|", ({ X, Y }) => norm(gram(X).mul(alpha).sub(gram(Y).mul(beta)))];
}

/** The course as a plot in plain text, less than 80 characters wide. */
export function plot({ quantity, steps, solver, right }: Course): string[] {
  const top = Math.max(...solver, ...right);
  const rowOf = (value: number): number => Math.min(HEIGHT - 1, Math.floor((HEIGHT * value) / top));
  const mark = (i: number, row: number): string => {
    const [here, there] = [rowOf(solver[i]!) === row, rowOf(right[i]!) === row];
    return here ? (there ? '#' : '*') : there ? 'o' : ' ';
  };
  const [high, zero] = [number(top), '0'];
  const width = high.length;
  const rows = Array.from({ length: HEIGHT }, (_, k) => {
    const row = HEIGHT - 1 - k;
    const label = k === 0 ? high : row === 0 ? zero : '';
    return `  ${label.padStart(width)} |${steps.map((_, i) => mark(i, row)).join('')}`.trimEnd();
  });
  const last = String(steps.at(-1));
  return [
    `${quantity} against steps:`,
    ...rows,
    `  ${' '.repeat(width)} +${'-'.repeat(steps.length)}`,
    `  ${' '.repeat(width)}  0${last.padStart(steps.length - 1)}`,
    `  ${' '.repeat(width)}  * this solver, o a correct one under the same noise, # both`,
  ];
}
