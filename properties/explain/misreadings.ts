/**
 * Wrong ways to take a step. Each is a formula for the next iterate from the solver's own iterate, with at most two
 * unknown numbers, to be compared with the steps of a faulty solver. Claims do not use them: they only explain a
 * refutation.
 */
import { FITTED } from './fitted-misreadings.ts';
import { FORMULA } from './formula-misreadings.ts';
import type { Misreading } from './misreading.ts';
import { NOISE } from './noise-misreadings.ts';
import { OPTIMISERS } from './optimiser-misreadings.ts';
import { TARGET } from './target-misreadings.ts';

/** The simplest first. */
export const misreadings: readonly Misreading[] = [...NOISE, ...FORMULA, ...TARGET, ...FITTED, ...OPTIMISERS];
