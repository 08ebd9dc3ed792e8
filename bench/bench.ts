/**
 * Measures the time of a perturbed step in alternating rounds. See README.md. With --keep the results are saved and shown in
 * the README.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import {
  compiled,
  mlMatrix,
  numpy,
  ours,
  type Entrant,
  type Contender,
  type Measure,
  type Shape,
} from './contenders.ts';
import { meterOn } from '../properties/cli/meter.ts';
import { argumentsOf } from '../properties/cli/usage.ts';
import { goals } from './goals.ts';
import { RESULTS, ROUNDS, withSection, type Results, type Times } from './results.ts';

const SHAPES: readonly Shape[] = [[5, 5, 1], [10, 8, 3], [100, 80, 5], [1000, 1000, 10]]; // prettier-ignore
const MEASUREMENT_NS = 20e6;
/** Normal numbers are drawn in blocks of 2000. */
const BLOCK: Shape = [100, 100, 10];

const HELP = `Usage: npm run bench -- [options]

Measures steps and normal numbers, next to other implementations (bench/README.md).

  --keep   save the results, and write the table of the README
  --quiet  no progress
  --help   show this text`;

const { keep, quiet } = argumentsOf(HELP, {
  options: { keep: { type: 'boolean', default: false }, quiet: { type: 'boolean', default: false } },
}).values;
const meter = meterOn(process.stderr, { quiet });
const found = run();
meter.close();
print(found);
if (keep) store(found);

function run(): Results {
  const [withNumpy, withC] = [numpy(), compiled()];
  const own = ours();
  const entrants: Record<string, Entrant | undefined> = {
    ours: own,
    numpy: withNumpy,
    c: withC,
    'ml-matrix': mlMatrix(),
  };
  const steps: Record<string, Contender> = {};
  const normals: Record<string, Contender> = {};
  for (const [who, entrant] of Object.entries(entrants)) {
    for (const [form, contender] of Object.entries(entrant?.steps ?? {})) steps[`${who} ${form}`] = contender;
    if (entrant?.normals !== undefined) normals[who] = entrant.normals;
  }
  const spreads: number[] = [];
  return {
    at: new Date().toISOString().slice(0, 16).replace('T', ' '),
    cpu: cpus()[0]?.model ?? 'unknown cpu',
    cores: cpus().length,
    versions: {
      node: own.version,
      ...(withNumpy && { numpy: withNumpy.version }),
      ...(withC && { cc: withC.version }),
    },
    steps: SHAPES.map((shape, i) => ({ shape, ns: times(steps, shape, i, spreads) })),
    normal: times(normals, BLOCK, SHAPES.length, spreads, 2000),
    spread: median(spreads),
  };
}

/**
 * The contenders' least times at a shape, per unit of a step's work, from alternating rounds: other work of the machine
 * only adds to them. Appends to `spreads` each time over the least one. `before` is the number of measurements so far.
 */
function times(
  contenders: Record<string, Contender>,
  shape: Shape,
  before: number,
  spreads: number[],
  parts = 1,
): Times {
  const entries = Object.entries(contenders).map(([name, contender]) => {
    const measure = contender(shape);
    return { name, measure, steps: calibrate(measure), found: [] as number[] };
  });
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, { name, measure, steps, found }] of entries.entries()) {
      const share = (round + i / entries.length) / ROUNDS;
      meter.at((before + share) / (SHAPES.length + 1), `${shape.join(' x ')}, round ${round + 1}: ${name}`);
      found.push(measure(steps));
    }
  }
  return Object.fromEntries(
    entries.map(({ name, found }) => {
      const least = Math.min(...found);
      spreads.push(...found.map((time) => time / least));
      return [name, least / parts];
    }),
  );
}

/** The number of steps that fill a measurement. Also warms up. */
function calibrate(measure: Measure): number {
  for (let steps = 2; ; steps *= 16) {
    const time = measure(steps);
    if (time * steps > MEASUREMENT_NS / 10) return Math.max(1, Math.round(MEASUREMENT_NS / time));
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

/** All contenders, with their ratios to ours, and the goals. */
function print(found: Results): void {
  const { cpu, cores, versions, steps, normal, spread } = found;
  console.log(`${cpu} (${cores} cores); ${Object.entries(versions).flat().join(' ')}`);
  console.log(
    `CPU time, one thread each, the least of ${ROUNDS} rounds; the median round took ${spread.toFixed(2)} times as long`,
  );
  for (const { shape, ns } of steps) {
    console.log(`\n${shape.join(' x ')}`);
    const line = (time: number): object => ({
      'ns per step': Math.round(time),
      'steps per second': Math.round(1e9 / time),
      'times ours thin': Number((time / ns['ours thin']!).toFixed(3)),
    });
    console.table(Object.fromEntries(Object.entries(ns).map(([name, time]) => [name, line(time)])));
  }
  const numbers = (time: number): object => ({
    ns: Number(time.toFixed(2)),
    'millions per second': Math.round(1e3 / time),
  });
  console.log('\nnormal numbers');
  console.table(Object.fromEntries(Object.entries(normal).map(([who, time]) => [who, numbers(time)])));
  console.log();
  for (const { line, met } of goals(found)) console.log(`${met ? 'met   ' : 'missed'}  ${line}`);
}

/** Adds the run to those of its day, and shows it in the README. */
function store(found: Results): void {
  mkdirSync(RESULTS, { recursive: true });
  const file = `${RESULTS}/${found.at.slice(0, 10)}.json`;
  const before = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Results[]) : [];
  writeFileSync(file, `${JSON.stringify([...before, found].map(rounded), null, 1)}\n`);
  const readme = fileURLToPath(new URL('../README.md', import.meta.url));
  writeFileSync(readme, withSection(readFileSync(readme, 'utf8'), rounded(found)));
}

/** A measurement has at most four significant digits. */
function rounded(found: Results): Results {
  const short = (times: Times): Times =>
    Object.fromEntries(Object.entries(times).map(([name, ns]) => [name, Number(ns.toPrecision(4))]));
  const steps = found.steps.map(({ shape, ns }) => ({ shape, ns: short(ns) }));
  return { ...found, steps, normal: short(found.normal) };
}
