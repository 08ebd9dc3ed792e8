/** The claims, for other people's suites. */
export type { Claim, Evidence } from './claim.ts';
export { describeClaims, type DescribeOptions } from './describe.ts';
export { inspect, judge, shrinkBudget, type JudgeOptions, type Subject, type Verdict } from './judge.ts';
export { claims } from './registry.ts';
