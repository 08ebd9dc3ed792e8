/**
 * The contents of study.json. `npm run study -- --ledger docs/study.md` publishes this as JSON Schema in
 * docs/study.schema.json.
 */
import { z } from 'zod';
import type { Study } from './study.ts';

/** Raised with every change that breaks readers of older files. */
export const SCHEMA = 1;

/** JSON has no infinities and no NaN; they stand as words. */
const WORDS = ['NaN', 'Infinity', '-Infinity'] as const;
const real = z.union([z.number(), z.enum(WORDS).transform(Number)]).meta({ id: 'real' });
const count = z.int().min(0);
const list = <T extends z.ZodType>(of: T): z.ZodReadonly<z.ZodArray<T>> => z.array(of).readonly();

const prediction = z
  .strictObject({ value: real, within: real.describe('A bound on the next order of the theory.') })
  .meta({ id: 'prediction' });

const quantity = z
  .strictObject({
    id: z.string().describe('family/name, the same on all problems.'),
    problem: z.string(),
    text: z.string(),
    kind: z.enum(['median', 'share']).describe('The median of the values of units, or the probability of a 1.'),
    units: count.describe('Of this quantity: eight times those of the study for the noise.'),
    estimate: real.describe('NaN if there is nothing to measure.'),
    lower: real,
    upper: real,
    theory: z.strictObject({ gd: prediction.exactOptional(), perturbed: prediction.exactOptional() }),
    needs: count.exactOptional().describe('Units of the study that would decide it, if these do not.'),
  })
  .meta({ id: 'quantity' });

const sizes = z.tuple([real, real]).readonly();

const study = z
  .strictObject({
    solver: z.string(),
    seed: count,
    step: z.number().describe('Step size times the largest singular value of the target.'),
    precision: z.string().exactOptional(),
    units: count.describe('Independent units of each experiment; eight times this number for the noise.'),
    secondsPerUnit: z.number(),
    level: z.number().describe('Probability that all intervals hold.'),
    problems: list(z.strictObject({ name: z.string(), text: z.string() })),
    quantities: list(quantity),
    families: list(
      z.strictObject({ name: z.string(), holds: list(z.string()), fails: list(z.string()), open: list(z.string()) }),
    ).describe('Claims of the theory of perturbed descent.'),
    conclusions: list(z.string()),
    exhibits: z
      .strictObject({
        course: z.strictObject({ steps: list(count), runs: list(list(real)) }),
        limits: list(z.strictObject({ start: sizes, end: sizes, gd: sizes })),
        spectra: list(z.strictObject({ own: list(real), gd: list(real) })),
        hyperbola: list(list(sizes)),
      })
      .describe('A few runs for the pictures.'),
  })
  .meta({ id: 'study' });

/** A file: the study of one optimiser, and of a second one if two were compared. */
export interface StudyFile {
  readonly $schema?: string;
  readonly schema: typeof SCHEMA;
  readonly project: 'flat-minima';
  readonly versions: { readonly package: string; readonly node: string };
  readonly studies: readonly Study[];
}

export const studySchema: z.ZodType<StudyFile> = z
  .strictObject({
    $schema: z.string().exactOptional(),
    schema: z.literal(SCHEMA),
    project: z.literal('flat-minima'),
    versions: z.strictObject({ package: z.string(), node: z.string() }),
    studies: list(study),
  })
  .meta({
    title: 'Study of an optimiser',
    description: 'Measurements of an optimiser, with intervals that hold together.',
  });

/** The schema as JSON Schema. */
export const jsonSchema = (): string =>
  `${JSON.stringify(z.toJSONSchema(studySchema, { io: 'input' }), undefined, 2)}\n`;
