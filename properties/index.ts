/** The claims, for other people's suites. */
export type { Claim, Evidence } from './claim.ts';
export { describeClaims, type DescribeOptions } from './describe.ts';
export { judge } from './judge.ts';
export { inspect, type Subject } from './subject.ts';
export type { JudgeOptions } from './trial.ts';
export type { Verdict } from './verdict.ts';
export { claims } from './registry.ts';
