/** The claims as a vitest suite, for other people's projects. */
export { describeClaims, type DescribeOptions } from './cli/describe.ts';
