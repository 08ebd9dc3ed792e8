/** The claims as a function, for other people's programs: no test runner is needed. */
import * as registry from '../registry.ts';
import type { ClaimText } from './certificate.ts';
import { textOf } from './evidence.ts';

export type { Comparison, PlainEvidence, PlainSide, Relation } from '../claim.ts';
export type { Certificate, FactorGrids, SidesCertificate, StepsCertificate } from '../refuting/certificates.ts';
export type { Course } from '../refuting/course.ts';
export type { Dimension, Draft, Given } from '../design.ts';
export type { Grid, Instance } from '../instance.ts';
export type { Label, LabelCounts } from '../judging/labels.ts';
export type { SlackCounts } from '../judging/slacks.ts';
export type { Failure, Survey } from '../shrinking/survey.ts';
export type { ChanceBounds } from '../judging/chance.ts';
export type { Blame, Closest, Fault, Miss, Outcome, Refutation, Undecidable, Verdict } from '../judging/verdict.ts';
export type { Count, Table } from '../oracles/exact-tests.ts';
export type { ClaimText, Entry, RandomText, Evidence, HypothesisText, Kills, RunFacts } from './certificate.ts';
export { verify, type Verification, type VerifySettings } from './verify.ts';

/** Every claim, in the order of the theory. */
export const claims: readonly ClaimText[] = registry.claims.map(textOf);
