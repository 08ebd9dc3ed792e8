/**
 * The contents of evidence.json. `npm run verify -- --ledger` publishes this as JSON Schema in
 * docs/evidence.schema.json, and every run writes that next to its evidence.
 */
import { z } from 'zod';
import type { Draft } from '../model/draft.ts';
import type { Instance } from '../model/instance.ts';
import { LABELS } from '../model/labels.ts';
import type { Evidence } from './evidence-types.ts';
import type { Kills } from '../model/kills.ts';

/** Raised with every change that readers of older evidence would trip over. */
export const SCHEMA = 7;

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
    what: z.string().describe('The compared quantities, in the notation of docs/theory.md.'),
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
  .meta({ id: 'survey', description: 'The refuted instance before shrinking, and the next instances that fail too.' });

const factors = z.strictObject({ X: grid, Y: grid });

const certificate = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('steps').describe('A run of the solver that deviates from the definition.'),
      M: grid.describe('Target.'),
      eta: real,
      u: real
        .exactOptional()
        .describe('Unit roundoff that the solver declares, if it is coarser than that of doubles.'),
      sigma1: real,
      sigma2: real,
      taken: count.describe('Steps that the run had taken before.'),
      before: factors.describe('The iterate that the solver gave then.'),
      calls: z.array(count).readonly().describe('Arguments of the calls of advance that followed.'),
      between: count.exactOptional().describe('Calls of advance by other runs in between.'),
      noise: grid.describe('Standard normals that were due in each of these steps; empty if both scales are 0.'),
      after: factors.describe('The iterate that the solver gave after them.'),
      distance: real.describe('Its distance from the iterate of the definition.'),
      relation: z.literal('>'),
      bound: real.describe('A bound on the rounding (docs/theory/setting.md#certificates).'),
    }),
    z.strictObject({
      kind: z.literal('sides').describe('Two sides that came from runs of the solver, whose steps may be correct.'),
      what: z.string(),
      lhs: side,
      relation: z.enum(['=', '<=', '>=']),
      rhs: side,
      tolerance: real,
    }),
  ])
  .meta({ id: 'certificate', description: 'For examples/check_certificate.py, or a checker of your own.' });

const trialCount = z.strictObject({ failed: count, of: count });
const trials = { solver: trialCount, reference: trialCount };

const refutation = z.strictObject({
  blame: z
    .enum(['solver', 'statement', 'rounding'])
    .exactOptional()
    .describe('Who is wrong: the solver, the statement of the claim, or the rounding of correct steps.'),
  trials: z
    .strictObject(trials)
    .exactOptional()
    .describe('Of a random claim: failed trials of the solver and of the descent of the definition.'),
  pooled: count.exactOptional().describe('Number of instances of these trials, if more than one.'),
  replay: z
    .string()
    .describe(
      "Argument of --instance: the instance's index, then the path of its shrinks; for a saved one, that path alone.",
    ),
  saved: z.string().exactOptional().describe('File of the saved counterexample that it is.'),
  instance,
  draft: z.looseObject({}).describe('The draft from which the instance is derived.') as unknown as z.ZodType<Draft>,
  finding: z.union([finding, z.string()]).describe('Both sides, or a sentence if the solver gave no answer.'),
  survey: survey.exactOptional(),
  irrelevant: z
    .array(z.string())
    .readonly()
    .exactOptional()
    .describe('Inputs that were varied without an end of the failure.'),
  arithmetic: z.string().exactOptional().describe('The result of exact arithmetic for a violation near the tolerance.'),
  certificate: certificate
    .exactOptional()
    .describe('A certificate that others can check, if the claim is deterministic and the solver is wrong.'),
  diagnosis: z
    .string()
    .exactOptional()
    .describe('The behaviour of the solver instead of the steps of the theory, if it is known.'),
  course: z
    .strictObject({ quantity: z.string(), steps: z.array(count), solver: z.array(real), right: z.array(real) })
    .exactOptional()
    .describe('A quantity along the run, by the solver and by a correct one under the same noise.'),
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
    'statement refuted',
    'fault',
    'refuted as expected',
    'holds unexpectedly',
    'not decidable',
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
    .describe('That instance, if the claim was not refuted.'),
  slacks: z
    .array(count)
    .exactOptional()
    .describe('How many slacks were in [0, .05), [.05, .1), ..., [.95, 1), and equal to 1.'),
  filter: z.strictObject({ drawn: count, accepted: count }).exactOptional(),
  stale: z
    .array(z.string())
    .readonly()
    .exactOptional()
    .describe('A sentence for each saved counterexample that the claim no longer draws.'),
  outdated: z
    .array(z.string())
    .readonly()
    .exactOptional()
    .describe('Files of counterexamples to this solver that are no longer confirmed.'),
  labels: z.partialRecord(z.enum(LABELS), count).exactOptional().describe('Number of instances with each label.'),
  fault: z
    .strictObject({ message: z.string(), frames: z.array(z.string()).readonly(), replay: z.string(), instance })
    .exactOptional()
    .describe("The breach of the contract, its place in the solver's files, and the smallest input that causes it."),
  missed: z
    .array(z.strictObject({ index: count, ...trials, answer: z.string().exactOptional() }))
    .readonly()
    .exactOptional()
    .describe('Instances that failed by chance: the first trial failed, and the next ones gave no blame.'),
  undecidable: z
    .strictObject({ count, index: count, because: z.string() })
    .exactOptional()
    .describe('Instances that decide nothing at the precision that the solver declares, and why the first does not.'),
  worstMiss: refutation.exactOptional().describe('The one of them on which the solver failed most often.'),
  refutation: refutation.exactOptional(),
  milliseconds: z.number(),
};

const entry = z.strictObject({
  ...verdict,
  statement: z.string(),
  formula: z.string().describe('In TeX.'),
  kind: z.string(),
  needs: z.string().describe('The requirement on a solver.'),
  hypotheses: z.array(
    z.strictObject({
      text: z.string(),
      ablation: z.string().exactOptional().describe('Id of the claim without it, which must be refuted.'),
    }),
  ),
  bound: z.enum(['equality', 'tight', 'valid']),
  attained: z.string().exactOptional().describe('The instances on which a tight bound is attained.'),
  source: z.string(),
  proof: z.string().describe('Where its proof is, from the root of the project.'),
  items: z.array(z.string()).describe('Numbers of the statements of docs/theory.md.'),
  random: z
    .strictObject({
      basis: z.enum(['exact bound', 'leading order']),
      shift: z.string().exactOptional().describe('The quantity whose deviations it finds.'),
      finds: z.number().exactOptional().describe('A relative deviation that 100 instances find with chance 0.99.'),
      because: z.string().exactOptional().describe('Why it is not finer.'),
    })
    .exactOptional()
    .describe('Of a random claim.'),
});

/** The kill matrix, as `--kills` writes it. */
export const killsSchema: z.ZodType<Kills> = z.strictObject({
  seed: z.number(),
  instances: count,
  claims: z.array(z.string()).exactOptional().describe('The claims that were judged.'),
  mutants: z.record(z.string(), z.array(z.string())).describe('For each faulty solver the claims that refute it.'),
  misreadings: z.record(z.string(), z.string()).exactOptional().describe('The mistake of each of them.'),
});

const facts = {
  versions: z.strictObject({ package: z.string(), node: z.string() }),
  seed: z.number().describe('Seed of the run: with it, the same verdicts.'),
  instances: count.describe('Requested instances of each claim.'),
  solver: z.string().describe('File of the solver; flat-minima for its own.'),
  command: z.string().exactOptional().describe('The program that solved.'),
  ownNoise: z.boolean().describe('Whether the solver never draws from the source of noise that it is given.'),
  precision: z.string().exactOptional().describe('Precision of the solver, by name or unit roundoff, if not double.'),
  target: z.string().exactOptional(),
  reading: z
    .array(z.string())
    .readonly()
    .exactOptional()
    .describe('Options with which the target was read, such as --columns and 1-4.'),
  rank: count.exactOptional(),
  dimension: count.exactOptional().describe('d1 = d2 of the claims about any dimension.'),
  shard: z.string().exactOptional().describe('i/n if the run is one part of n.'),
  instance: z.string().exactOptional().describe('Argument of --instance, if only one instance was judged.'),
};

export const evidenceSchema: z.ZodType<Evidence> = z
  .strictObject({
    $schema: z.string().exactOptional(),
    schema: z.literal(SCHEMA),
    project: z.literal('flat-minima'),
    ...facts,
    part: z
      .string()
      .exactOptional()
      .describe('The part that was judged, such as "19 of 193 claims"; absent for a run of all claims.'),
    chance: z
      .strictObject({ solver: z.number(), statement: z.number(), random: count })
      .describe(
        'Chance that this run blames a correct solver, and that it blames a true statement, at most; the number of random claims.',
      ),
    kills: killsSchema.exactOptional().describe('The kill matrix, when --kills was run.'),
    claims: z.array(entry).describe('In the order of the registry, each followed by its derived claims.'),
  })
  .meta({ title: 'Evidence of flat-minima', description: 'The results of a run of verify, claim by claim.' });

/** The JSON Schema of the file, with numbers that JSON lacks as words. */
export const jsonSchema = (): string =>
  `${JSON.stringify(z.toJSONSchema(evidenceSchema, { io: 'input' }), undefined, 2)}\n`;
