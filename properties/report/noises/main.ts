/** `npm run noises`: measures each noise and writes docs/noises.md with its pictures. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { argumentsOf } from '../../cli/usage.ts';
import { standalone } from '../pictures/index.ts';
import { ellipse } from '../pictures/ellipse.ts';
import { noisesPicture } from '../pictures/noises.ts';
import { LABELS, LAMBDA, RADIUS, TAU } from '../noise-runs.ts';
import { table } from './table.ts';

argumentsOf(
  'Usage: npm run noises\n\nMeasures each noise, and writes docs/noises.md with its pictures. It takes no options.',
  {},
);
const pictures = [noisesPicture(), ellipse()];
for (const picture of pictures) writeFileSync(join('docs', 'pictures', `${picture.name}.svg`), standalone(picture));

const [imbalance, region] = pictures.map(
  ({ name, title, caption }) => `![${title}](pictures/${name}.svg)\n\n${caption}`,
);

const page = `# Which noise finds the flat minimum, and how fast?

Written by \`npm run noises\`, which runs the solvers of \`src\` under fixed seeds: a 4 x 2 target of rank one with the singular value 1,
step size η = 1/32, factors along the singular vectors. Noise on the point has the penalty λ = ${LAMBDA} (equal sigmas), labels have noise of s = ${LABELS},
SAM has the radius ρ = ${RADIUS}, noise on the gradient τ = 1/${1 / TAU} a step. γ is the ratio |X| / |Y| to which a noise balances, at
each start that is 1.5 times as large, or as small; S = |X|² + |Y|². Rates are those of log(|X| / |Y|) close to balance, in a step; the found values are
the mean of 256 runs from each start, over one time constant. Anti-PGD is looked at without its present noise.
Proofs: [theory](theory/other-methods.md#label-noise).

${table()}

- Noise on the point and on the labels select the same minimum, that of least trace: |X| / |Y| = sqrt(d1/d2). Label noise takes a factor of the order 1/η longer.
- SAM is as fast as noise with σ = ρ at one entry and tends to |X| = |Y|, where the largest eigenvalue is least. It never rests: the residual alternates.
- Noise on the gradient moves along the minima at random, and mean squares grow with it (d1 τ² and d2 τ² a step), which moves the ratio of the means. It selects nothing.
- Sampled entries and SAM without normalisation stop balancing when the target is fitted.

## Imbalance against time

${imbalance!}

## How large a step may be

${region!}
`;
writeFileSync(join('docs', 'noises.md'), page);
process.stdout.write(`docs/noises.md, ${pictures.map(({ name }) => `docs/pictures/${name}.svg`).join(', ')}\n`);
