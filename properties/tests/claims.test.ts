/** All claims: on our solver, or on the one that the variable SOLVER names. In watch mode those that a save may affect. */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { inject, test } from 'vitest';
import { perturbedGradientDescent, type Solver } from '../../src/index.ts';
import { affectedClaims } from '../../tools/affected.ts';
import { lanesOf } from '../../tools/lanes.ts';
import { describeClaims } from '../cli/describe.ts';
import { claims } from '../claims/registry.ts';

const file = process.env['SOLVER'];
const { default: solver, precision } =
  file === undefined
    ? { default: perturbedGradientDescent, precision: undefined }
    : ((await import(/* @vite-ignore */ pathToFileURL(resolve(file)).href)) as Module);

interface Module {
  readonly default: Solver;
  readonly precision?: string;
}

const { INSTANCES = '100' } = process.env;
const { index, of } = inject('lane') ?? { index: 0, of: 1 };
const save = inject('save');
// A run that began long after was asked for by a key: it is of all claims.
const fresh = save !== undefined && Date.now() - save.at < 30_000;
const affected = fresh ? await affectedClaims(save.affected) : claims.map(({ id }) => id);
const own = lanesOf(affected, new Map(save?.costs), of)[index]!;

// The hypotheses are the theory's: they are tried on our solver, and not while it is being written.
if (own.length > 0)
  describeClaims(solver, {
    instances: Number(INSTANCES),
    ablate: file === undefined && of === 1,
    claims: own,
    ...(precision === undefined ? {} : { precision }),
  });
else test.skip(`no claim for this lane is affected by ${save!.files.join(', ')}`);
