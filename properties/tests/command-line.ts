/** The command `verify` for its tests: most of it in this process, so that its workers load all modules only once. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, vi } from 'vitest';
import { verifyCommand } from '../cli/command.ts';
import { settled } from '../cli/exit.ts';

export interface Result {
  code: number;
  out: string;
  err: string;
}

/** The arguments of a command in a process of its own. */
export const NODE = ['--conditions=flat-minima-source', '--import=./tools/strip-types.mjs', 'properties/cli/main.ts'];
/** The reference descent, which shares no code with src: a mistake there does not show in tests of the command. */
export const CORRECT = ['--solver', 'fixtures/reference.ts'];
export const QUICK = ['--instances', '2', '--seed', '1'];

/** Runs a command here. */
export async function run(command: () => Promise<number>): Promise<Result> {
  const written = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((stream) =>
    vi.spyOn(process[stream], 'write').mockImplementation((text) => {
      written[stream] += String(text);
      return true;
    }),
  );
  const code = await settled(command());
  for (const spy of spies) spy.mockRestore();
  return { code, out: written.stdout, err: written.stderr };
}

/** The command with a folder of its own, which is deleted when the tests of the calling file are done. */
export function commandLine() {
  const folder = mkdtempSync(join(tmpdir(), 'flat-minima-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  // One worker by default: each has to load all modules.
  const common = ['--out', join(folder, 'out'), '--keep', 'none', '--workers', '1'];
  return {
    folder,
    common,
    verify: (...args: string[]): Promise<Result> => run(() => verifyCommand([...common, ...args])),
    /** Runs it as its users do. */
    verifyFromOutside: (...args: string[]): Result => {
      const child = spawnSync(process.execPath, [...NODE, ...common, ...args], { encoding: 'utf8' });
      return { code: child.status ?? -1, out: child.stdout, err: child.stderr };
    },
    /** Writes a file into the folder; its path. */
    file: (name: string, text: string): string => {
      const path = join(folder, name);
      writeFileSync(path, text);
      return path;
    },
  };
}
