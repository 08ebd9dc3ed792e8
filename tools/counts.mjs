// The closing counts of `npm test`, from the results that vitest left.

/**
 * Claims are the tests whose name begins with an id; the judge attaches their instances to the test. `ids` are those of
 * the registry: a claim that never ran fails the run.
 */
export function closingCounts(results, ids) {
  const total = (count) => results.reduce((sum, result) => sum + result[count], 0);
  const tests = results.flatMap(({ testResults }) => testResults.flatMap((file) => file.assertionResults));
  const verdicts = tests.flatMap(({ meta }) => (meta?.verdict === undefined ? [] : [meta.verdict]));
  const own = verdicts.filter(({ id }) => !id.includes('#'));
  return {
    neverRan: ids.filter((id) => !own.some((verdict) => verdict.id === id)),
    // The example of describeClaims judges a claim once more.
    claims: new Set(own.map(({ id }) => id)).size,
    variations: verdicts.length - own.length,
    instances: own.reduce((sum, verdict) => sum + verdict.instances, 0),
    passed: total('numPassedTests'),
    failed: total('numFailedTests'),
  };
}
