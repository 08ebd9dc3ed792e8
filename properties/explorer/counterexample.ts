/** A counterexample from the text of its file, which `verify` saves in fixtures/counterexamples. */
import { InvalidInput } from '../../src/index.ts';
import type { Saved } from '../model/saved.ts';
import type { Grid, Instance } from '../model/instance.ts';
import { number, show } from '../model/numbers.ts';
import { MOST_STEPS, paceFor, stateOf, validateState, type Start, type State } from './state.ts';

/** `name` is the file's. Throws `InvalidInput`. */
export function readCounterexample(name: string, text: string): State {
  const { claim, solver, instance, finding } = parsed(name, text);
  const { M, X0, Y0, eta, sigma1, sigma2, steps, seed } = instance;
  const state = stateOf(
    { M, X0, Y0, eta, sigma1, sigma2, steps: Math.min(Math.max(steps, 1), MOST_STEPS), seed },
    { others: secondStart(instance), claim, met: solver, sides: sidesOf(finding), pace: paceFor(steps) },
  );
  validateState(state);
  return state;
}

/** Both sides of the violated claim, from the run that found it. */
function sidesOf(finding: Saved['finding']): string {
  if (typeof finding === 'string') return `However, ${finding}.`;
  const { what, lhs, rhs, relation, quantities, violation } = finding;
  const others = typeof quantities === 'object' && quantities !== null ? Object.entries(quantities) : [];
  return [
    `left ${String(relation)} right for ${what}, but`,
    show('left', lhs),
    show('right', rhs),
    ...(typeof violation === 'number' ? [`  off by ${number(violation)}`] : []),
    ...others.map(([name, value]) => show(name, value)),
  ].join('\n');
}

/** Instances of claims about two runs have a second start. */
function secondStart(instance: Instance): Start[] {
  const { X1, Y1 } = instance as Instance & { X1?: Grid; Y1?: Grid };
  return isGrid(X1) && isGrid(Y1) ? [{ X0: X1, Y0: Y1 }] : [];
}

function parsed(name: string, text: string): Pick<Saved, 'claim' | 'solver' | 'instance' | 'finding'> {
  let found: Partial<Saved> | null;
  try {
    found = JSON.parse(text) as Partial<Saved> | null;
  } catch {
    throw new InvalidInput(`${name} is not JSON: give a file of fixtures/counterexamples`);
  }
  if (typeof found?.claim !== 'string' || typeof found.solver !== 'string') {
    throw new InvalidInput(`${name} is not a counterexample of flat-minima: give a file of fixtures/counterexamples`);
  }
  if (typeof found.finding !== 'string' && typeof found.finding?.what !== 'string') {
    throw new InvalidInput(`${name} has no finding: give a file of fixtures/counterexamples`);
  }
  const wrong = firstWrong(found.instance ?? {});
  if (wrong !== undefined) {
    throw new InvalidInput(
      `${name} has no ${wrong} to run: give a counterexample with M, X0, Y0, eta, both sigmas and steps`,
    );
  }
  return found as Saved;
}

/** The first part of an instance that is missing or of the wrong kind. */
function firstWrong(instance: Partial<Instance>): string | undefined {
  const grid = (['M', 'X0', 'Y0'] as const).find((key) => !isGrid(instance[key]));
  return grid ?? (['eta', 'sigma1', 'sigma2', 'steps', 'seed'] as const).find((key) => !Number.isFinite(instance[key]));
}

function isGrid(value: unknown): value is Grid {
  if (!Array.isArray(value) || value.length === 0 || !value.every(Array.isArray)) return false;
  const rows = value as unknown[][];
  return rows[0]!.length > 0 && rows.every((row) => row.length === rows[0]!.length && row.every(Number.isFinite));
}
