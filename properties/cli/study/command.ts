/** The command `study`. */
import { join } from 'node:path';
import { EXIT } from '../exit.ts';
import { meterOn, type Meter } from '../meter.ts';
import { described } from '../targets/describe.ts';
import { writeStudies } from './file.ts';
import { HELP, readOptions, type Optimiser, type StudyOptions } from './options.ts';
import { run } from './run.ts';
import type { Study } from '../../study/study.ts';
import { againstText, studyText } from '../../study/text.ts';

/** Writes the page into a folder; its file. */
export type PageWriter = (out: string, studies: readonly Study[]) => string;

/** Runs the command; resolves with its exit code. Throws `BadUsage`. The page needs packages that only the repository has. */
export async function studyCommand(args: readonly string[], writePage?: PageWriter): Promise<number> {
  const options = readOptions(args);
  if (options === 'help') return say(HELP);
  const optimisers = [options.optimiser, ...(options.against === undefined ? [] : [options.against])];
  for (const line of headOf(options, optimisers)) say(line);
  const meter = meterOn(process.stderr, {});
  const studies: Study[] = [];
  try {
    for (const [i, each] of optimisers.entries()) studies.push(await run(each, options, shown(meter, i, optimisers)));
  } finally {
    meter.close();
  }
  for (const each of studies) say(`\n${optimisers.length > 1 ? `${each.solver}: ` : ''}${studyText(each)}`);
  if (studies.length === 2) say(`\n${againstText(studies[0]!, studies[1]!)}`);
  return say(`\n${leave(studies, options, writePage)}`);
}

const shown =
  (meter: Meter, i: number, { length }: readonly Optimiser[]) =>
  (share: number, what: string): void =>
    meter.at((i + share) / length, what);

function headOf({ target, minutes, units, seed }: StudyOptions, optimisers: readonly Optimiser[]): string[] {
  const time = units === undefined ? `${minutes} minute${minutes === 1 ? '' : 's'} each` : `${units} units`;
  return [
    `flat-minima: study of ${optimisers.map(({ name }) => name).join(' and ')}, ${time}, seed ${seed}`,
    ...(target?.matrix === undefined ? [] : [`target ${target.file}: ${described(target.matrix)}`]),
  ];
}

/** Writes the files and prints their paths. */
function leave(studies: readonly Study[], { out, json }: StudyOptions, writePage: PageWriter | undefined): string {
  const file = join(out, 'study.json');
  for (const each of [file, ...(json === undefined ? [] : [json])]) writeStudies(each, studies);
  return writePage === undefined
    ? `${file} has all of it.`
    : `${writePage(out, studies)} shows it in a browser, ${file} has all of it.`;
}

function say(text: string): number {
  process.stdout.write(`${text}\n`);
  return EXIT.holds;
}
