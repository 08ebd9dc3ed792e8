/** All claims: on our solver, or on the one that the variable SOLVER names. In watch mode those that a save may affect. */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { inject, test } from 'vitest';
import { perturbedGradientDescent, type Solver } from '../../src/index.ts';
import { affectedClaims } from '../../tools/affected.ts';
import { lanesOf } from '../../tools/lanes.ts';
import { describeClaims } from '../describe.ts';
import { claims } from '../registry.ts';

const file = process.env['SOLVER'];
const solver =
  file === undefined
    ? perturbedGradientDescent
    : ((await import(/* @vite-ignore */ pathToFileURL(resolve(file)).href)) as { default: Solver }).default;

const { INSTANCES = '100', SAVED, COSTS = '[]' } = process.env;
const { index, of } = inject('lane') ?? { index: 0, of: 1 };
const saved = SAVED === undefined ? undefined : (JSON.parse(SAVED) as { files: string[]; at: number });
// A run that began long after was asked for by a key: it is of all claims.
const files = saved !== undefined && Date.now() - saved.at < 30_000 ? saved.files : undefined;
const affected =
  files === undefined ? claims.map(({ id }) => id) : await affectedClaims(files, resolve(file ?? 'src/perturbed.ts'));
const own = lanesOf(affected, new Map(JSON.parse(COSTS) as [string, number][]), of)[index]!;

// The hypotheses are the theory's: they are tried on our solver, and not while it is being written.
if (own.length > 0)
  describeClaims(solver, { instances: Number(INSTANCES), ablate: file === undefined && of === 1, claims: own });
else test.skip(`no claim for this lane is affected by ${files!.join(', ')}`);
