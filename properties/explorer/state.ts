/** The state of the page, as a value: the problem, the view, and the number of steps. A link carries all of it. */
import { InvalidInput, penalties, type Penalties } from '../../src/index.ts';
import { matrix, type Grid, type Instance } from '../model/instance.ts';
import { matrixText, numberText, readMatrix, readNumber, readWhole } from './matrix-text.ts';

/** The measure of flatness: the Hessian's largest eigenvalue or its trace. */
export type Measure = 'largest' | 'trace';

/** A start of the factors, d1 x r and d2 x r. */
export type Start = Pick<Instance, 'X0' | 'Y0'>;

export interface State {
  /** The problem with its first start. */
  readonly instance: Instance;
  /** More starts, at most `MOST_STARTS` in all. */
  readonly others: readonly Start[];
  /** Whether plain gradient descent runs as well, from the same starts. */
  readonly alsoPlain: boolean;
  readonly measure: Measure;
  /** Whether the landscape is that of the smoothed objective. */
  readonly smoothed: boolean;
  /** Steps a frame. */
  readonly pace: number;
  /** The step that is on screen. */
  readonly at: number;
  /** The claim that this illustrates, or that it was a counterexample to ... */
  readonly claim?: string;
  /** ... and the solver that it refuted, with both sides of the violated claim. */
  readonly met?: string;
  readonly sides?: string;
}

export const MOST_STARTS = 6;
export const MOST_STEPS = 10_000_000;
export const MOST_PACE = 4096;

/** A power of two that shows the whole in about ten seconds. */
export function paceFor(steps: number): number {
  return 2 ** Math.min(Math.log2(MOST_PACE), Math.max(0, Math.round(Math.log2(steps / 600))));
}

/** How an instance is first looked at. */
export const stateOf = (instance: Instance, rest: Partial<Omit<State, 'instance'>> = {}): State => ({
  instance,
  others: [],
  alsoPlain: false,
  measure: 'largest',
  smoothed: false,
  pace: 8,
  at: 0,
  ...rest,
});

export const startsOf = ({ instance: { X0, Y0 }, others }: State): readonly Start[] => [{ X0, Y0 }, ...others];

export const isNoisy = ({ sigma1, sigma2 }: Pick<Instance, 'sigma1' | 'sigma2'>): boolean => sigma1 > 0 || sigma2 > 0;

/** Whether the target is 1 x 1, so that the iterate is a point of the plane. */
export const isScalar = ({ M }: Pick<Instance, 'M'>): boolean => M.length === 1 && M[0]!.length === 1;

/** alpha, beta, lambda and gamma if both scales are positive; otherwise no balance is defined. */
export function penaltiesOf({ M, sigma1, sigma2 }: Instance): Penalties | undefined {
  return sigma1 > 0 && sigma2 > 0 ? penalties(matrix(M), { sigma1, sigma2 }) : undefined;
}

/** Throws `InvalidInput` unless the shapes fit together and the numbers are ones that can be run. */
export function validateState({ instance, others }: State): void {
  const { M, eta, sigma1, sigma2 } = instance;
  if (!(eta > 0)) throw new InvalidInput(`the step size is ${eta}: give a number above 0`);
  for (const [name, sigma] of Object.entries({ sigma1, sigma2 })) {
    if (!(sigma >= 0)) throw new InvalidInput(`${name} is ${sigma}: give a standard deviation, 0 or larger`);
  }
  if (others.length >= MOST_STARTS) {
    throw new InvalidInput(`there are ${others.length + 1} starts: give at most ${MOST_STARTS}`);
  }
  for (const start of [instance, ...others]) validateStart(M, start, instance.X0[0]!.length);
}

function validateStart(M: Grid, { X0, Y0 }: Start, r: number): void {
  const [d1, d2] = [M.length, M[0]!.length];
  const shape = (grid: Grid): string => `${grid.length} x ${grid[0]!.length}`;
  if (X0.length !== d1) throw new InvalidInput(`X0 is ${shape(X0)} and M is ${shape(M)}: give X0 ${d1} rows`);
  if (Y0.length !== d2) throw new InvalidInput(`Y0 is ${shape(Y0)} and M is ${shape(M)}: give Y0 ${d2} rows`);
  if (X0[0]!.length !== r) {
    throw new InvalidInput(`one start has ${r} columns and another ${X0[0]!.length}: give all starts the same number`);
  }
  if (Y0[0]!.length !== r) {
    throw new InvalidInput(`X0 is ${shape(X0)} and Y0 is ${shape(Y0)}: give both the same number of columns`);
  }
  if (r > Math.min(d1, d2)) {
    throw new InvalidInput(`X0 is ${shape(X0)} and M is ${shape(M)}: give X0 at most ${Math.min(d1, d2)} columns`);
  }
}

/** Whether two grids have the same number of rows and columns. */
export const isSameShape = (a: Grid, b: Grid): boolean => a.length === b.length && a[0]!.length === b[0]!.length;

/** The start for a target of another shape: rows are left out, or the first ones are repeated at half their size. */
export function fitStart({ X0, Y0 }: Start, M: Grid): Start {
  const [d1, d2] = [M.length, M[0]!.length];
  const r = Math.min(X0[0]!.length, d1, d2);
  const fit = (grid: Grid, rows: number): Grid =>
    Array.from({ length: rows }, (_, i) =>
      grid[i % grid.length]!.slice(0, r).map((entry) => (i < grid.length ? entry : entry / 2)),
    );
  return { X0: fit(X0, d1), Y0: fit(Y0, d2) };
}

const inLine = (grid: Grid): string => matrixText(grid, ',', ';');

/** The part of a link after the #. */
export function toHash(state: State): string {
  const { instance, alsoPlain, measure, smoothed, pace, at, claim, met, sides } = state;
  const { M, eta, sigma1, sigma2, steps, seed } = instance;
  const starts = startsOf(state).flatMap(({ X0, Y0 }) => [`X0=${inLine(X0)}`, `Y0=${inLine(Y0)}`]);
  return [
    `M=${inLine(M)}`,
    ...starts,
    ...Object.entries({ eta, sigma1, sigma2 }).map(([name, value]) => `${name}=${numberText(value)}`),
    `steps=${steps}`,
    `seed=${seed}`,
    `at=${at}`,
    `pace=${pace}`,
    ...(alsoPlain ? ['plain=1'] : []),
    ...(measure === 'trace' ? ['measure=trace'] : []),
    ...(smoothed ? ['smoothed=1'] : []),
    ...(claim === undefined ? [] : [`claim=${encodeURI(claim)}`]),
    ...(met === undefined ? [] : [`met=${encodeURIComponent(met)}`]),
    ...(sides === undefined ? [] : [`sides=${encodeURIComponent(sides)}`]),
  ].join('&');
}

/** The state that a link carries. Throws `InvalidInput`. */
export function fromHash(hash: string): State {
  const fields = fieldsOf(hash);
  const text = (name: string): string => {
    const found = fields.get(name)?.[0];
    if (found === undefined) throw new InvalidInput(`the link has no value for ${name}: copy the whole link`);
    return found;
  };
  const optional = (name: 'claim' | 'met' | 'sides'): object => (fields.has(name) ? { [name]: text(name) } : {});
  const [first, ...others] = readStarts(fields.get('X0') ?? [text('X0')], fields.get('Y0') ?? [text('Y0')]);
  const instance = {
    M: readMatrix('M', text('M')),
    ...first!,
    eta: readNumber('eta', text('eta')),
    sigma1: readNumber('sigma1', text('sigma1')),
    sigma2: readNumber('sigma2', text('sigma2')),
    steps: readWhole('steps', text('steps'), 1, MOST_STEPS),
    seed: readWhole('seed', text('seed'), 0, 2 ** 31 - 1),
  };
  const state = stateOf(instance, {
    others,
    alsoPlain: fields.has('plain') || fields.has('plain'),
    measure: fields.get('measure')?.[0] === 'trace' ? 'trace' : 'largest',
    smoothed: fields.has('smoothed'),
    pace: readWhole('pace', fields.get('pace')?.[0] ?? '8', 1, MOST_PACE),
    at: readWhole('at', fields.get('at')?.[0] ?? '0', 0, instance.steps),
    ...optional('claim'),
    ...optional('met'),
    ...optional('sides'),
  });
  validateState(state);
  return state;
}

function fieldsOf(hash: string): Map<string, string[]> {
  const fields = new Map<string, string[]>();
  for (const part of hash.split('&').filter((each) => each !== '')) {
    const [name, ...value] = part.split('=');
    fields.set(name!, [...(fields.get(name!) ?? []), decoded(value.join('='))]);
  }
  return fields;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new InvalidInput(`the link has "${text}", which is not encoded as links are: copy all of it`);
  }
}

function readStarts(ofX: readonly string[], ofY: readonly string[]): Start[] {
  if (ofX.length !== ofY.length) {
    throw new InvalidInput(`the link has ${ofX.length} X0 and ${ofY.length} Y0: copy all of it`);
  }
  return ofX.map((text, i) => ({ X0: readMatrix('X0', text), Y0: readMatrix('Y0', ofY[i]!) }));
}
