/** The results of a run of the benchmark, and their tables. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { markdownTable } from '../properties/cli/markdown.ts';
import type { Shape } from './contenders.ts';

/** CPU times in ns, by contender: `ours thin`, `numpy dense`, ... */
export type Times = Record<string, number>;

export interface Results {
  /** When, to the minute, in UTC. */
  at: string;
  cpu: string;
  cores: number;
  versions: { node: string; numpy?: string; cc?: string };
  /** Times of a step, noise included. */
  steps: { shape: Shape; ns: Times }[];
  /** Times of a normal number in bulk. */
  normal: Times;
  /** The time of the median round over the least one. */
  spread: number;
}

const MARKS = ['<!-- benchmark, written by npm run bench -- --keep -->', '<!-- end -->'] as const;
/** The number of rounds of measurements in a run. */
export const ROUNDS = 7;
export const RESULTS = fileURLToPath(new URL('results', import.meta.url));

/** The latest saved run. Each day has a file, a list of runs. */
export function latest(): Results {
  const newest = readdirSync(RESULTS).sort().at(-1)!;
  return (JSON.parse(readFileSync(`${RESULTS}/${newest}`, 'utf8')) as Results[]).at(-1)!;
}

/** The fastest of NumPy's forms. */
export function bestOfNumpy(ns: Times): number | undefined {
  const times = Object.entries(ns).flatMap(([name, time]) => (name.startsWith('numpy ') ? [time] : []));
  return times.length === 0 ? undefined : Math.min(...times);
}

const COLUMNS: [string, (ns: Times) => number | undefined][] = [
  ['ours', (ns) => ns['ours thin']],
  ['ours, plain', (ns) => ns['ours plain']],
  ['ours, full rank', (ns) => ns['ours dense']],
  ['dimension-free', (ns) => ns['ours reduced']],
  ['C', (ns) => ns['c thin']],
  ['C, full rank', (ns) => ns['c dense']],
  ['NumPy, its best form', bestOfNumpy],
  ['ml-matrix', (ns) => ns['ml-matrix textbook']],
];

/** ns, and the ratio to those of our solver on the same targets. */
function cell(time: number | undefined, ours: number): string {
  if (time === undefined) return '-';
  const ratio = time / ours;
  return `${grouped(time)} (${ratio >= 20 ? ratio.toFixed(0) : ratio >= 1.95 ? ratio.toFixed(1) : ratio.toFixed(2)})`;
}

const grouped = (value: number): string => value.toFixed(0).replace(/\B(?=(\d{3})+$)/g, ' ');

/** The section of the README, between its marks. */
function section({ at, cpu, cores, versions, steps, normal, spread }: Results): string {
  const { node, numpy, cc } = versions;
  const tools = [`Node ${node}`, numpy && `NumPy ${numpy}`, cc && `cc ${cc} -O3 -march=native -ffast-math`];
  const rows = steps.map(({ shape, ns }) => [
    shape.join(' x '),
    ...COLUMNS.map(([, time]) => cell(time(ns), ns['ours thin']!).replace(' (1.00)', '')),
  ]);
  const normals = Object.entries(normal).map(([name, time]) => `${time.toFixed(1)} ns (${name})`);
  return [
    `CPU time of a perturbed step in ns, noise included, and in brackets how many times ours, on ${at.slice(0, 10)}: ${cpu} (${cores} cores), ${tools
      .filter(Boolean)
      .join(
        ', ',
      )}; one thread each, the least of ${ROUNDS} rounds (the median round took ${spread.toFixed(2)} times as long). Targets have rank r unless the column says full rank.`,
    markdownTable(['d1 x d2 x r', ...COLUMNS.map(([name]) => name)], rows),
    `A normal number takes ${normals.join(', ')}.`,
  ].join('\n\n');
}

/** A README with the section of these results in it. */
export function withSection(readme: string, results: Results): string {
  const [begin, end] = MARKS.map((mark, i) => readme.indexOf(mark, i === 0 ? 0 : readme.indexOf(MARKS[0])));
  if (begin! < 0 || end! < 0) throw new Error(`README.md has no ${MARKS.join(' ... ')}`);
  return `${readme.slice(0, begin)}${MARKS[0]}\n\n${section(results)}\n\n${readme.slice(end)}`;
}
