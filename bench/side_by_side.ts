/**
 * Prints the CPU time of this commit over that of an earlier one: `node ... bench/side_by_side.ts COMMIT [ROUNDS
 * [WHAT]]`. The earlier commit is checked out into a worktree, which borrows the installed packages. In a round each
 * runs twice, in both orders. Other work of the machine only adds to a time, so the least time of each side counts;
 * next to it is the median of the rounds.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { markdownTable } from '../properties/cli/markdown.ts';

const NODE = ['--conditions=flat-minima-source', '--import=./tools/strip-types.mjs'];
/** Arguments of our_step.ts: form, shape, and steps in a measurement. */
const STEPS: readonly string[] = [
  'thin 5 5 1 100000',
  'thin 10 8 3 40000',
  'thin 100 80 5 3000',
  'thin 1000 1000 10 100',
  'dense 10 8 3 40000',
  'dense 100 80 5 1000',
  'plain 10 8 3 10000',
  'reduced 10 8 3 20000',
  'normals 100 100 10 10000',
  'normals 5 5 1 300000',
];
/** Arguments of `npm run verify`; CPU time is measured from the start of the process to its end. */
const COMMANDS: readonly string[] = ['--list', '--help', '--claim gd/descent --seed 1 --quiet --workers 1'];

const [commit, rounds = '5', only = ''] = process.argv.slice(2);
if (commit === undefined) throw new Error('no commit is given: name the one to compare with');
const here = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'flat-minima-before-'));
execFileSync('git', ['worktree', 'add', '--quiet', '--detach', folder, commit], { cwd: here });
try {
  symlinkSync(join(here, 'node_modules'), join(folder, 'node_modules'));
  const rows = [
    ...STEPS.filter(isMeant).map((step) => compared(step, (cwd) => stepOf(step, cwd))),
    ...COMMANDS.filter(isMeant).map((line) => compared(`verify ${line}`, (cwd) => startOf(line, cwd))),
  ];
  console.log(markdownTable(['what', 'before', 'now', 'ratio', 'median ratio'], rows));
} finally {
  execFileSync('git', ['worktree', 'remove', '--force', folder], { cwd: here });
  rmSync(folder, { recursive: true, force: true });
}

/** WHAT is a part of their lines. */
function isMeant(line: string): boolean {
  return line.includes(only);
}

/** ns, least and ratio, of both sides. */
function compared(what: string, time: (cwd: string) => number): string[] {
  const [before, now, ratios]: [number[], number[], number[]] = [[], [], []];
  for (let round = 0; round < Number(rounds); round++) {
    const [first, second, third, last] = [time(folder), time(here), time(here), time(folder)];
    before.push(first, last);
    now.push(second, third);
    ratios.push((second + third) / (first + last));
  }
  const [was, is] = [Math.min(...before), Math.min(...now)];
  const median = ratios.toSorted((a, b) => a - b)[Math.floor(ratios.length / 2)]!;
  return [what, was.toPrecision(4), is.toPrecision(4), (is / was).toFixed(2), median.toFixed(2)];
}

function stepOf(step: string, cwd: string): number {
  const args = [...NODE, 'bench/our_step.ts', ...step.split(' ')];
  return Number(execFileSync(process.execPath, args, { cwd, encoding: 'utf8' }));
}

/** Milliseconds of CPU time of the process and its threads. */
function startOf(line: string, cwd: string): number {
  const out = mkdtempSync(join(tmpdir(), 'flat-minima-out-'));
  const measure = `process.on('exit', () => process.stderr.write(JSON.stringify(process.cpuUsage())))`;
  const args = [`--import=data:text/javascript,${encodeURIComponent(measure)}`, ...NODE, 'properties/cli/main.ts'];
  const isRun = line.includes('--claim');
  const places = isRun ? ['--out', out, '--keep', 'none'] : [];
  const { stderr } = spawnSync(process.execPath, [...args, ...line.split(' '), ...places], { cwd, encoding: 'utf8' });
  rmSync(out, { recursive: true });
  const { user, system } = JSON.parse(/\{[^{}]*\}/.exec(stderr)![0]) as NodeJS.CpuUsage;
  return (user + system) / 1000;
}
