/** `npm run solvers`: judges the solvers of examples/solvers.json, all or those that are named, and writes docs/solvers.md. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesIn, writeWhole } from '../../cli/files.ts';
import { argumentsOf } from '../../cli/usage.ts';
import { readList } from './list.ts';
import { measure, resultSchema, type Result } from './measure.ts';
import { document } from './table.ts';

/** The folder of the results of earlier runs, so that some of the solvers can be judged again. */
const RESULTS = join('coverage', 'solvers');

const HELP = `Usage: npm run solvers -- [names] [options]

Judges the solvers of examples/solvers.json, or those that are named, and writes docs/solvers.md.

  --instances <N>  instances of each claim (default 10)
  --minutes <N>    time of each solver, as for verify
  --seed <S>       a whole number (default 1)
  --help           show this text`;

const { values, positionals: named } = argumentsOf(HELP, {
  options: {
    instances: { type: 'string', default: '10' },
    minutes: { type: 'string' },
    seed: { type: 'string', default: '1' },
  },
  allowPositionals: true,
});
process.exitCode = main();

function main(): number {
  const list = readList();
  const all = [...list.libraries, ...list.variants];
  const unknown = named.find((name) => !all.some((listed) => listed.name === name));
  if (unknown !== undefined) {
    console.error(`${unknown} is not in examples/solvers.json: give one of ${all.map(({ name }) => name).join(', ')}`);
    return 2;
  }
  const { seed, instances, minutes } = values;
  const effort = { seed: Number(seed), instances: Number(instances), minutes };
  for (const listed of all.filter(({ name }) => named.length === 0 || named.includes(name))) {
    const found = measure(listed, effort);
    if (typeof found === 'string') console.log(found);
    else store(found);
  }
  writeWhole(join('docs', 'solvers.md'), document(list, stored()));
  console.log('docs/solvers.md is written');
  return 0;
}

function store(result: Result): void {
  const { name, version, counts, seconds, nanoseconds } = result;
  console.log(
    `${[name, version].join(' ').trim()}: ${counts.holds} hold, ${counts.refuted} refuted, ${counts.notApplicable} not applicable; ${seconds} s, ${nanoseconds} ns per step`,
  );
  writeWhole(join(RESULTS, `${name.replace(/\W+/g, '-')}.json`), `${JSON.stringify(result, undefined, 2)}\n`);
}

function stored(): Map<string, Result> {
  const files = existsSync(RESULTS) ? filesIn(RESULTS).filter((file) => file.endsWith('.json')) : [];
  const results = files.map((file) => resultSchema.parse(JSON.parse(readFileSync(join(RESULTS, file), 'utf8'))));
  return new Map(results.map((result) => [result.name, result]));
}
