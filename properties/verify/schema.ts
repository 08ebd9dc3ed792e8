/**
 * What evidence.json holds. `npm run verify -- --ledger` publishes this as JSON Schema in docs/evidence.schema.json, and every run
 * leaves that beside its evidence.
 */
import { z } from 'zod';
import type { Draft } from '../design.ts';
import type { Instance } from '../instance.ts';
import { LABELS } from '../judging/labels.ts';
import type { Evidence, Kills } from './certificate.ts';

/** Raised with every change that readers of older evidence would trip over. */
export const SCHEMA = 4;

/** JSON has no infinities and no NaN; they stand as words. */
const WORDS = ['NaN', 'Infinity', '-Infinity'] as const;
const real = z.union([z.number(), z.enum(WORDS).transform(Number)]).meta({ id: 'real' });
const count = z.int().min(0);
const grid = z.array(z.array(real)).meta({ id: 'matrix', description: 'Row by row.' });
const side = z.union([real, grid]);

const instance: z.ZodType<Instance> = z
  .looseObject({
    M: grid.describe('Target, d1 x d2.'),
    X0: grid.describe('Start, d1 x r.'),
    Y0: grid.describe('Start, d2 x r.'),
    eta: real.describe('Step size.'),
    sigma1: real.describe('Standard deviation of the noise on X.'),
    sigma2: real.describe('Standard deviation of the noise on Y.'),
    steps: z.number(),
    seed: z.number().describe('Seed of its noise.'),
  })
  .meta({ id: 'instance', description: 'Everything that the check needs; some claims have more than these.' });

const finding = z
  .strictObject({
    what: z.string().describe('What the sides are, in the notation of docs/theory.md.'),
    step: count.exactOptional().describe('The step after which they were compared; the first that was refuted.'),
    lhs: side,
    relation: z.enum(['=', '<=', '>=']),
    rhs: side,
    tolerance: real,
    violation: real.describe('|lhs - rhs| for an equality, the excess for an inequality.'),
    slack: real.describe('1 - violation / tolerance; below 0, or NaN, the claim is refuted.'),
    quantities: z.record(z.string(), side),
  })
  .meta({ id: 'finding', description: 'Both sides of a claim on one instance.' });

const survey = z
  .strictObject({
    through: z.int().describe('Index of the last instance that was looked at.'),
    failing: z.array(z.strictObject({ index: count, what: z.string(), violation: real, tolerance: real })).readonly(),
  })
  .meta({ id: 'survey', description: 'The refuted instance as it was drawn, and which of the next ones fail too.' });

const refutation = z.strictObject({
  replay: z
    .string()
    .describe("Argument of --instance: the instance's index, then the path of its shrinks; empty where kept."),
  kept: z.string().exactOptional().describe('File of the kept counterexample that it is.'),
  instance,
  draft: z.looseObject({}).describe('What the instance is derived from.') as unknown as z.ZodType<Draft>,
  finding: z.union([finding, z.string()]).describe('Or what the solver did instead of answering.'),
  survey: survey.exactOptional(),
  irrelevant: z
    .array(z.string())
    .readonly()
    .exactOptional()
    .describe('Inputs that were varied without an end of the failure.'),
  arithmetic: z.string().exactOptional().describe('What exact arithmetic says of a violation near the tolerance.'),
  diagnosis: z
    .string()
    .exactOptional()
    .describe('What the solver does instead of the steps of the theory, where known.'),
  course: z
    .strictObject({ quantity: z.string(), steps: z.array(count), solver: z.array(real), right: z.array(real) })
    .exactOptional()
    .describe('A quantity along the run, by the solver and by a right one under the same noise.'),
  shrinks: count,
  stoppedEarly: z.boolean().describe('Whether shrinking was cut short: a smaller counterexample may exist.'),
});

const verdict = {
  id: z
    .string()
    .describe('family/name; family/name#2 is the claim without its second hypothesis, #tight its attained bound.'),
  outcome: z.enum([
    'holds',
    'refuted',
    'refuted as expected',
    'holds unexpectedly',
    'undecided',
    'not applicable',
    'not run',
  ]),
  reason: z.string().exactOptional(),
  instances: count.describe('Instances that were checked.'),
  leastSlack: real.exactOptional(),
  tightest: z.int().exactOptional().describe('Index of the instance with the least slack.'),
  closest: z
    .strictObject({ instance, finding })
    .exactOptional()
    .describe('That instance, where the claim was not refuted.'),
  slacks: z
    .array(count)
    .exactOptional()
    .describe('How many slacks were in [0, .05), [.05, .1), ..., [.95, 1), and equal to 1.'),
  filter: z.strictObject({ drawn: count, accepted: count }).exactOptional(),
  stale: z
    .array(z.string())
    .readonly()
    .exactOptional()
    .describe('A sentence for each kept counterexample that the claim does not draw any more.'),
  labels: z.partialRecord(z.enum(LABELS), count).exactOptional().describe('How many instances were of each sort.'),
  refutation: refutation.exactOptional(),
  milliseconds: z.number(),
};

const entry = z.strictObject({
  ...verdict,
  statement: z.string(),
  formula: z.string().describe('In TeX.'),
  kind: z.string(),
  needs: z.string().describe('What it asks of a solver.'),
  hypotheses: z.array(
    z.strictObject({
      text: z.string(),
      without: z.string().exactOptional().describe('Id of the claim without it, which must be refuted.'),
    }),
  ),
  bound: z.enum(['equality', 'tight', 'valid']),
  attained: z.string().exactOptional().describe('Where a tight bound is attained.'),
  source: z.string(),
  proof: z.string().describe('Where its proof is, from the root of the project.'),
  items: z.array(z.string()).describe('Numbers of the statements of docs/theory.md.'),
  errors: z
    .strictObject({
      alpha: z.number().describe('Chance of a wrong verdict on one instance, at most.'),
      basis: z.enum(['exact bound', 'leading order']),
      detects: z.string().exactOptional().describe('The smallest violation that it is meant to catch.'),
      beta: z.number().exactOptional().describe('Chance that 100 instances all miss it, at most.'),
    })
    .exactOptional(),
});

/** What `--kills` leaves. */
export const killsSchema: z.ZodType<Kills> = z.strictObject({
  seed: z.number(),
  instances: count,
  claims: z.array(z.string()).exactOptional().describe('The claims that were judged.'),
  impostors: z.record(z.string(), z.array(z.string())).describe('For each wrong solver the claims that refute it.'),
  misreadings: z.record(z.string(), z.string()).exactOptional().describe('What is wrong with each of them.'),
});

const facts = {
  versions: z.strictObject({ package: z.string(), node: z.string() }),
  seed: z.number().describe('Seed of the run: with it, the same verdicts.'),
  instances: count.describe('Instances asked for of each claim.'),
  solver: z.string().describe('File of the solver; flat-minima for its own.'),
  command: z.string().exactOptional().describe('The program that solved.'),
  ownNoise: z.boolean().describe('Whether the solver never draws from the source of noise that it is given.'),
  target: z.string().exactOptional(),
  rank: count.exactOptional(),
  dimension: count.exactOptional().describe('d1 = d2 of the claims about any dimension.'),
  shard: z.string().exactOptional().describe('i/n where the run is one part of n.'),
};

export const evidenceSchema: z.ZodType<Evidence> = z
  .strictObject({
    $schema: z.string().exactOptional(),
    schema: z.literal(SCHEMA),
    project: z.literal('flat-minima'),
    ...facts,
    errors: z
      .strictObject({ chance: z.number(), budget: z.number(), random: count })
      .describe(
        'Chance of a false alarm in this run, at most; what is allowed; how many claims random numbers decide.',
      ),
    kills: killsSchema.exactOptional().describe('The kill matrix, when --kills was run.'),
    claims: z.array(entry).describe('In the order of the registry, each followed by its variations.'),
  })
  .meta({ title: 'Evidence of flat-minima', description: 'What a run of verify found, claim by claim.' });

/** The schema as JSON Schema, of the file as it stands. */
export const jsonSchema = (): string =>
  `${JSON.stringify(z.toJSONSchema(evidenceSchema, { io: 'input' }), undefined, 2)}\n`;
