/** All claims: on our solver, or on the one that the variable SOLVER names. */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { perturbedGradientDescent, type Solver } from '../src/index.ts';
import { describeClaims } from './describe.ts';

const file = process.env['SOLVER'];
const solver =
  file === undefined
    ? perturbedGradientDescent
    : ((await import(/* @vite-ignore */ pathToFileURL(resolve(file)).href)) as { default: Solver }).default;

// The hypotheses are the theory's: they are tried on our solver.
describeClaims(solver, { instances: Number(process.env['INSTANCES'] ?? 100), ablate: file === undefined });
