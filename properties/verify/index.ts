/** The claims as a function, for other people's programs: no test runner is needed. */
export { claims } from '../registry.ts';
export { verify, type Verification, type VerifySettings } from './verify.ts';
