/** The README shows the last saved benchmark. Nothing is timed here. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { goals } from '../../bench/goals.ts';
import { latest, withSection, type Results } from '../../bench/results.ts';

test('the README shows the latest results', () => {
  const readme = readFileSync('README.md', 'utf8');
  expect(withSection(readme, latest())).toBe(readme);
});

test('a README without a place for them is refused', () => {
  expect(() => withSection('# flat-minima', latest())).toThrow(/README.md has no <!-- benchmark/);
});

test('goals are met or missed by ratios, and left out if a contender is missing', () => {
  const results = (ns: Record<string, number>): Results => ({
    ...latest(),
    steps: [{ shape: [10, 8, 3], ns: { 'ours thin': 100, ...ns } }],
    normal: { ours: 7 },
  });
  const normal = { line: 'a normal number takes at most 3 ns: 7.00', met: false };
  expect(goals(results({}))).toEqual([normal]);
  expect(goals(results({ 'c thin': 50, 'numpy thin': 1500, 'numpy dense': 1001 }))).toEqual([
    { line: '10 x 8 x 3: ours is at most 1.5 times C: 2.00', met: false },
    { line: '10 x 8 x 3: NumPy, in its best form, is at least 10 times ours: 10.01', met: true },
    normal,
  ]);
});
