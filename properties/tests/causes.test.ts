/** The guess at the cause of refutations: which claims rest on which, and which known faulty solvers are refuted alike. */
import { describe, expect, test } from 'vitest';
import { plot } from '../explain/course.ts';
import { claimOf, claims, isDerived } from '../claims/registry.ts';
import { restsOn, restingText } from '../explain/resting.ts';
import { basesOf, statements } from '../claims/statements.ts';
import { guess, suspects } from '../explain/suspects.ts';
import type { Verdict } from '../model/verdict.ts';
import { KEPT_KILLS, readKills } from '../cli/evidence.ts';
import { inShort } from '../cli/refutation.ts';

describe('claims rest on others', () => {
  const rests = (one: string, other: string): boolean => restsOn(claimOf(one)!, claimOf(other)!);

  test('by the statements that theirs follow from: all of them known, none following from itself', () => {
    const numbers = statements.map(({ number }) => number);
    for (const { number, uses = [] } of statements) {
      expect(numbers).toEqual(expect.arrayContaining([...uses]));
      expect(basesOf([number])).not.toContain(number);
    }
  });

  test('those about a solver on the definition of a step, those about formulas not', () => {
    expect(rests('limit/closed-form', 'definition/step')).toBe(true);
    expect(rests('balance/emerges', 'contract/no-shared-state')).toBe(true);
    expect(rests('gd/remembers-start', 'gd/imbalance-step')).toBe(true);
    expect(rests('flatness/largest', 'definition/step')).toBe(false);
    expect(rests('definition/step', 'limit/closed-form')).toBe(false);
    expect(rests('contract/fresh-noise', 'contract/no-shared-state')).toBe(false);
    const [line] = restingText(claimOf('definition/step')!, [
      'definition/step',
      'limit/closed-form',
      'flatness/largest',
    ]);
    expect(line).toMatch(/^\d+ other claims follow from this one \(.*limit.*\); of these 1 is refuted too\.$/);
    expect(restingText(claimOf('symmetry/rotation')!, [])).toEqual([]);
  });
});

const kills = readKills(KEPT_KILLS)!;

/** A run that judges these claims and refutes some. */
const run = (judged: readonly string[], refuted: readonly string[]): Verdict[] =>
  judged.map((id) => ({ id, outcome: refuted.includes(id) ? 'refuted' : 'holds', instances: 5, milliseconds: 0 }));

describe('a guess', () => {
  const all = claims.filter((claim) => !isDerived(claim)).map(({ id }) => id);
  const known = Object.entries(kills.mutants).filter(([, ids]) => ids.length >= 3);

  test.each(known)('finds %s among its like', (name, ids) => {
    const found = suspects(kills, run(all, ids));
    // If more than three are alike, none is named.
    if (found.length > 0) expect(found[0]).toMatchObject({ both: ids.length, either: ids.length });
    if (found.length > 0) expect(found.map((each) => each.name)).toContain(name);
  });

  test('is made of most of them, and of a pattern that is off by a claim or two', () => {
    const found = known.filter(([, ids]) => suspects(kills, run(all, ids)).length > 0);
    expect(found.length).toBeGreaterThan(0.75 * known.length);
    const swapped = kills.mutants['sigmas-swapped']!;
    const text = guess(kills, run(all, [...swapped.slice(1), 'limit/collapse']));
    expect(text).toMatch(
      /^A guess at the cause, .*\n {2}sigmas-swapped \(\d+ of \d+ claims in common\): Takes sigma1 for/,
    );
  });

  test('is hardly ever made of a mistake that is not among the known ones', () => {
    const wrong = known.filter(([name, ids]) => {
      const { [name]: _, ...others } = kills.mutants;
      return suspects({ ...kills, mutants: others }, run(all, ids)).length > 0;
    });
    const names = wrong.map(([name]) => name).join(', ');
    const how = `without them in the matrix, ${names} are taken for other mutants: make ALIKE in explain/suspects.ts stricter`;
    expect(wrong.length, how).toBeLessThanOrEqual(known.length / 16);
  });

  test('counts only claims that the run judged, and is not made of too few or of nothing alike', () => {
    const some = ['definition/step', 'gd/imbalance-step', 'symmetry/transpose'];
    expect(suspects(kills, run(some, some)).every(({ either }) => either <= 3)).toBe(true);
    expect(guess(kills, run(all, ['definition/step', 'limit/closed-form']))).toBe('');
    expect(guess(kills, run(all, ['contract/advance-adds', 'escape/saddles', 'gd/large-step', 'law/successive']))).toBe(
      '',
    );
    expect(guess(kills, run(all, []))).toBe('');
  });
});

test('in short: what to read first, if the others follow from it', () => {
  const refutation = { diagnosis: 'What the solver does instead: nothing.' } as Verdict['refutation'];
  const verdicts = run(['definition/step', 'limit/closed-form'], ['definition/step', 'limit/closed-form']);
  const said = inShort(verdicts.map((verdict) => ({ ...verdict, refutation: refutation! })));
  expect(said).toBe(
    'In short: 1 of the 2 refuted claims follows from others: read definition/step first.\nWhat the solver does instead: nothing.',
  );
  expect(inShort(run(['limit/closed-form'], ['limit/closed-form']))).toBe('');
});

test('a plot is plain text of less than 80 characters', () => {
  const steps = Array.from({ length: 61 }, (_, i) => 100 * i);
  const lines = plot({
    quantity: '|D|',
    steps,
    solver: steps.map(() => 1),
    right: steps.map((t) => Math.exp(-t / 1000)),
  });
  for (const line of lines) expect(line).toMatch(/^[ -~]{1,79}$/);
  expect(lines[1]).toMatch(/^ {2}1 \|#+\*+$/);
  expect(lines[9]).toMatch(/^ {2}0 \| +o+$/);
  expect(lines.at(-2)).toMatch(/^ +0 +6000$/);
});
