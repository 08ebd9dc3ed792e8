/**
 * Wrong ways to take a step. Each is a formula for the next iterate from where the solver was, with at most two unknown
 * numbers, so that it can be held against what a faulty solver did. The claims know nothing of these: they only help to say
 * what is wrong with a solver that was refuted.
 */
import { FITTED } from './fitted-misreadings.ts';
import { FORMULA } from './formula-misreadings.ts';
import type { Misreading } from './misreading.ts';
import { NOISE } from './noise-misreadings.ts';
import { OPTIMISERS } from './optimiser-misreadings.ts';
import { TARGET } from './target-misreadings.ts';

/** The simplest first. */
export const misreadings: readonly Misreading[] = [...NOISE, ...FORMULA, ...TARGET, ...FITTED, ...OPTIMISERS];
