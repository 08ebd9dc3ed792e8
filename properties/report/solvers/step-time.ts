/** Prints the time of a step in ns: step-time.ts module FILE, or step-time.ts program COMMAND. At 10 x 8, r = 3, the least of several. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Matrix } from 'ml-matrix';
import { gaussianNoise, type Solver } from '../../../src/index.ts';

const [D1, D2, RANK, SIGMA, STEP_SIZE] = [10, 8, 3, 1 / 64, 1 / 64];
/** Many short measurements, so that some of them run without other work on the machine. */
const [LEAST_MS, TIMES] = [20, 15];

type Advance = (steps: number) => Promise<void> | void;

function factor(rows: number, seed: string): Matrix {
  const entries = new Float64Array(rows * RANK);
  gaussianNoise(seed).fill(entries);
  return Matrix.from1DArray(rows, RANK, entries).div(Math.sqrt(rows));
}

const target = factor(D1, 'U').mmul(factor(D2, 'V').transpose());
const start = { X: factor(D1, 'X'), Y: factor(D2, 'Y') };

async function ofModule(file: string): Promise<Advance> {
  const { default: solver } = (await import(pathToFileURL(resolve(file)).href)) as { default: Solver };
  const noise = { sigma1: SIGMA, sigma2: SIGMA, source: gaussianNoise('noise') };
  const descent = solver({ target, start, stepSize: STEP_SIZE, noise });
  return (steps) => {
    descent.advance(steps);
    // Lazily computed values are computed now.
    void descent.X;
  };
}

/** The program draws its own numbers: a line of them would be counted otherwise. */
async function ofProgram(command: string): Promise<Advance> {
  const child = spawn(command, { shell: true, stdio: ['pipe', 'pipe', 'ignore'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async (request: object): Promise<void> => {
    child.stdin.write(`${JSON.stringify(request)}\n`);
    await lines.next();
  };
  const [X, Y] = [start.X.to2DArray(), start.Y.to2DArray()];
  const noise = { sigma1: SIGMA, sigma2: SIGMA };
  await ask({ descent: 0, target: target.to2DArray(), X, Y, stepSize: STEP_SIZE, noise });
  return (steps) => ask({ descent: 0, advance: steps });
}

/** Milliseconds: of a module the CPU time, which other work on the machine does not change; of a program all that pass. */
async function timed(advance: Advance, steps: number): Promise<number> {
  const [began, used] = [performance.now(), process.cpuUsage()];
  await advance(steps);
  const { user, system } = process.cpuUsage(used);
  return kind === 'program' ? performance.now() - began : (user + system) / 1000;
}

async function leastOf(times: number, steps: number): Promise<number> {
  let least = Infinity;
  for (let i = 0; i < times; i++) least = Math.min(least, await timed(advance, steps));
  return least;
}

const [kind, which = ''] = process.argv.slice(2);
const advance = await (kind === 'program' ? ofProgram(which) : ofModule(which));
let steps = 1;
let least = await leastOf(TIMES, steps);
// A pause of the machine does not pass for a long measurement: all of them have to be long.
while (least < LEAST_MS) least = await leastOf(TIMES, (steps *= 2));
process.stdout.write(`\n${Math.round((1e6 * least) / steps)}\n`);
process.exit();
