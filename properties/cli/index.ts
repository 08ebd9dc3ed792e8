/** The claims as a function, for other people's programs: no test runner is needed. */
import * as registry from '../claims/registry.ts';
import type { ClaimText } from './evidence-types.ts';
import { textOf } from './evidence.ts';

export type { ComparisonOf, PlainComparison, PlainSide, Relation } from '../model/claim.ts';
export type { Certificate, FactorGrids, SidesCertificate, StepsCertificate } from '../model/certificate.ts';
export type { Course } from '../model/verdict.ts';
export type { Dimension, Draft, Given } from '../model/draft.ts';
export type { Grid, Instance } from '../model/instance.ts';
export type { Label, LabelCounts } from '../model/labels.ts';
export type { SlackCounts } from '../model/slacks.ts';
export type { Failure, Survey } from '../model/verdict.ts';
export type { ChanceBounds } from '../run/chance.ts';
export type { Blame, Closest, Fault, Miss, Outcome, Refutation, Undecidable, Verdict } from '../model/verdict.ts';
export type { Count, Table } from '../model/verdict.ts';
export type { ClaimText, Entry, RandomText, Evidence, HypothesisText, RunFacts } from './evidence-types.ts';
export type { Kills } from '../model/kills.ts';
export { verify, type Verification, type VerifySettings } from './verify.ts';

/** Every claim, in the order of the theory. */
export const claims: readonly ClaimText[] = registry.claims.map(textOf);
