/** The closing counts of `npm test`, from the results that vitest left. */

/** The result of a run, as the JSON reporter of vitest writes it. */
export interface Results {
  readonly testResults: readonly { readonly assertionResults: readonly { readonly meta?: { verdict?: Judged } }[] }[];
  readonly numPassedTests: number;
  readonly numFailedTests: number;
}

/** The part of a verdict that describeClaims leaves with a test. */
interface Judged {
  readonly id: string;
  readonly instances: number;
}

/** `ids` are those of the registry: a claim that never ran fails the run. */
export function closingCounts(results: readonly Results[], ids: readonly string[]) {
  const total = (count: 'numPassedTests' | 'numFailedTests'): number =>
    results.reduce((sum, result) => sum + result[count], 0);
  const tests = results.flatMap(({ testResults }) => testResults.flatMap((file) => file.assertionResults));
  const verdicts = tests.flatMap(({ meta }) => meta?.verdict ?? []);
  const own = verdicts.filter(({ id }) => !id.includes('#'));
  return {
    neverRan: ids.filter((id) => !own.some((verdict) => verdict.id === id)),
    // The example of describeClaims judges a claim once more.
    claims: new Set(own.map(({ id }) => id)).size,
    derived: verdicts.filter(({ id }) => id.includes('#')),
    instances: own.reduce((sum, verdict) => sum + verdict.instances, 0),
    passed: total('numPassedTests'),
    failed: total('numFailedTests'),
  };
}
