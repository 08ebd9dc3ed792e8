/** Breaches of the contract in words: each once, with the claims that it stopped. */
import { show } from '../model/numbers.ts';
import type { Fault, Verdict } from '../model/verdict.ts';

interface Group {
  readonly fault: Fault;
  /** The claim that gives the replay. */
  readonly id: string;
  readonly stopped: readonly string[];
}

/** One text for each fault; `replay` is the command that runs one again. */
export function faultTexts(verdicts: readonly Verdict[], replay: (verdict: Verdict) => string): string[] {
  return grouped(verdicts).map(({ fault, id, stopped }) => {
    const { message, frames, instance } = fault;
    return [
      `FAULT  ${message}`,
      ...frames.map((frame) => `    at ${frame}`),
      `It stopped ${stopped.length === 1 ? 'the claim' : `${stopped.length} claims`}: ${stopped.join(', ')}.`,
      'The smallest input that was found to cause it:',
      ...Object.entries(instance).map(([name, value]) => show(name, value, '  ')),
      `Replay: ${replay(verdicts.find((verdict) => verdict.id === id)!)}`,
    ].join('\n');
  });
}

/** Faults that differ in numbers only are one; the one on the smallest input is shown. */
function grouped(verdicts: readonly Verdict[]): Group[] {
  const groups = new Map<string, Group>();
  for (const { id, fault } of verdicts) {
    if (fault === undefined) continue;
    const key = fault.message.replace(/[-\d.e+]+/g, '#');
    const before = groups.get(key);
    const stopped = [...(before?.stopped ?? []), id];
    groups.set(
      key,
      before !== undefined && sizeOf(before.fault) <= sizeOf(fault) ? { ...before, stopped } : { fault, id, stopped },
    );
  }
  return [...groups.values()];
}

const sizeOf = ({ instance }: Fault): number => JSON.stringify(instance).length;
