/** One family of claims as tests: on our solver, or on the one that the variable SOLVER names. */
import { resolve } from 'node:path';
import { perturbedGradientDescent, type Solver } from '../../../src/index.ts';
import { describeClaims } from '../../cli/describe.ts';

interface Module {
  readonly default: Solver;
  readonly precision?: string;
}

const { SOLVER, VITEST_MODE, INSTANCES } = process.env;

/** A save is judged on fewer instances than a run. */
const isWatching = VITEST_MODE === 'WATCH';
const instances = Number(INSTANCES ?? (isWatching ? 20 : 100));

const judged: Module =
  SOLVER === undefined
    ? { default: perturbedGradientDescent }
    : ((await import(/* @vite-ignore */ resolve(SOLVER))) as Module);

/** Defines the tests of a family. The hypotheses belong to the theory: they are tried on our solver, and not at every save. */
export function judgeFamily(family: string): void {
  const { default: solver, precision } = judged;
  const ablate = SOLVER === undefined && !isWatching;
  describeClaims(solver, { instances, ablate, claims: [family], ...(precision === undefined ? {} : { precision }) });
}
