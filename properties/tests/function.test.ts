/** `verify` as a function, on the example of a solver of one's own. */
import { describe, expect, test } from 'vitest';
import mySolver from '../../examples/my-solver.ts';
import swapped from '../../fixtures/mutants/sigmas-swapped.ts';
import { InvalidInput } from '../../src/index.ts';
import { verify, type VerifySettings } from '../cli/index.ts';

const quick = { claims: ['definition', 'contract/advance-adds'], instances: 2, seed: 1 };

describe('verify', () => {
  test('finds that the example holds, and reports each claim', async () => {
    const reported: string[] = [];
    const found = await verify({ ...quick, solver: mySolver, onVerdict: ({ id }) => reported.push(id) });
    expect(found.holds).toBe(true);
    expect(found.verdicts.map(({ id, instances }) => [id, instances])).toEqual(reported.map((id) => [id, 2]));
    expect(reported).toEqual(['definition/step', 'contract/advance-adds']);
    expect(found.text).toMatch(/2 claims, 4 instances: 2 hold, 0 refuted/);
  });

  test('refutes a faulty solver, with the call that finds the same instance again', async () => {
    const { holds, text, verdicts } = await verify({
      ...quick,
      claims: ['definition'],
      solver: swapped,
      shrink: false,
    });
    expect(holds).toBe(false);
    const [, claim, instance] = /Replay: verify\({ solver, claims: \['(.*)'\], seed: 1, instance: '(.*)' }\)/.exec(
      text,
    )!;
    const again = await verify({ solver: swapped, claims: [claim!], seed: 1, instance: instance!, shrink: false });
    expect(again.verdicts[0]!.refutation!.instance).toEqual(verdicts[0]!.refutation!.instance);
  });

  test('judges the applicable claims on a target, and shows on request what is needed', async () => {
    const target = { target: [[1, 0], [0, 1]], rank: 1 }; // prettier-ignore
    const given = await verify({ ...quick, claims: ['gd/remembers-start'], solver: mySolver, target });
    expect(given.verdicts[0]!.outcome).toBe('not applicable');
    const ablated = await verify({ ...quick, claims: ['flatness/condition-number'], solver: mySolver, ablate: true });
    expect(ablated.verdicts.length).toBeGreaterThan(1);
  });

  const mistakes: [VerifySettings, RegExp][] = [
    [{ claims: ['nonsense'] }, /claims has nonsense, which is neither a claim nor a family/],
    [{ instances: 0.5 }, /instances is 0.5: give a whole number from 1 to/],
    [{ seed: -1 }, /seed is -1/],
    [{ timeout: 0 }, /timeout is 0/],
    [{ instance: 'first' }, /instance is first/],
    [{ solver: 'missing.js' }, /missing\.js, which does not exist/],
    [{ target: { target: [[1, NaN]], rank: 1 } }, /target is not a matrix/],
    [{ target: { target: [[1], []], rank: 1 } }, /target is not a matrix/],
    [{ target: { target: [[1]], rank: 2 } }, /target.rank is 2/],
  ];
  test.each(mistakes)('refuses %j in one sentence', async (settings, message) => {
    const refused = verify({ ...quick, ...settings });
    await expect(refused).rejects.toThrow(InvalidInput);
    await expect(refused).rejects.toThrow(message);
  });
});
