/// <reference lib="dom" />
/** The form of the problem: between its text fields and a state. */
import { InvalidInput } from '../../src/index.ts';
import { buttonOf, byId, inputOf, make } from './elements.ts';
import { brief, matrixText, numberText, readMatrix, readNumber, readWhole } from './matrix-text.ts';
import {
  fitStart,
  isSameShape,
  MOST_STARTS,
  MOST_STEPS,
  penaltiesOf,
  startsOf,
  stateOf,
  type Start,
  type State,
} from './state.ts';

type Field = HTMLInputElement | HTMLTextAreaElement;
const fieldOf = (id: string): Field => byId(id) as Field;

/** Fills the form; the field that is being typed in is left alone. */
export function showState(state: State): void {
  const { instance } = state;
  write(fieldOf('M'), matrixText(instance.M));
  for (const name of ['eta', 'sigma1', 'sigma2'] as const) write(fieldOf(name), short(instance[name]));
  for (const name of ['steps', 'seed'] as const) write(fieldOf(name), String(instance[name]));
  inputOf('also-plain').checked = state.alsoPlain;
  buttonOf('add').disabled = startsOf(state).length >= MOST_STARTS;
  showStarts(startsOf(state));
  showDerived(state);
}

/** A power of two as a fraction, which is easier to read than its digits. */
function short(value: number): string {
  const inverse = 1 / value;
  return value > 0 && value < 1 / 4 && Number.isInteger(Math.log2(inverse)) ? `1/${inverse}` : numberText(value);
}

function write(field: Field, text: string): void {
  if (document.activeElement !== field) field.value = text;
  unmark(field);
  if (field instanceof HTMLTextAreaElement) fitRows(field);
}

/** Makes a text as high as its lines. */
export function fitRows(area: HTMLTextAreaElement): void {
  area.rows = Math.min(8, area.value.split('\n').length);
}

function unmark(field: Field): void {
  field.removeAttribute('aria-invalid');
  field.removeAttribute('aria-describedby');
}

/** Marks the field that the message is about. */
export function markWrong(field: Field): void {
  field.setAttribute('aria-invalid', 'true');
  field.setAttribute('aria-describedby', 'message');
}

function showStarts(starts: readonly Start[]): void {
  const box = byId('starts');
  if (box.childElementCount !== starts.length) {
    box.replaceChildren(...starts.map((_, i) => startFields(i, starts.length > 1)));
  }
  for (const [i, { X0, Y0 }] of starts.entries()) {
    write(fieldOf(`X0-${i}`), matrixText(X0));
    write(fieldOf(`Y0-${i}`), matrixText(Y0));
  }
}

function startFields(i: number, removable: boolean): HTMLElement {
  const field = (name: 'X' | 'Y'): Node[] => {
    const area = make('textarea');
    area.id = `${name}0-${i}`;
    area.rows = 1;
    area.spellcheck = false;
    const label = make('label', make('i', name), `₀, start${removable ? ` ${i + 1}` : ''}`);
    label.htmlFor = area.id;
    return [label, area];
  };
  const box = make('div', ...field('X'), ...field('Y'));
  if (removable) {
    const button = make('button', 'Remove');
    button.type = 'button';
    button.dataset['remove'] = String(i);
    button.setAttribute('aria-label', `Remove start ${i + 1}`);
    box.append(button);
  }
  box.className = 'start';
  return box;
}

/** Shows alpha, beta, lambda and gamma. */
function showDerived({ instance }: State): void {
  const found = penaltiesOf(instance);
  const terms =
    found === undefined
      ? []
      : Object.entries({
          'α = d₂σ₂²': found.alpha,
          'β = d₁σ₁²': found.beta,
          'λ = √(αβ)': found.lambda,
          'γ = √(β/α)': found.gamma,
        });
  byId('derived').replaceChildren(
    ...terms.map(([name, value]) => make('div', make('dt', `${name} =`), make('dd', brief(value)))),
  );
}

/** A field whose text is wrong, with the sentence that says so. */
export class WrongField extends Error {
  override readonly name = 'WrongField';
  readonly field: Field;

  constructor(field: Field, cause: InvalidInput) {
    super(cause.message, { cause });
    this.field = field;
  }
}

/** The state that the form describes. Parts without a field are those of `before`. Throws `WrongField`. */
export function readForm(before: State): State {
  const read = <T>(id: string, reader: (text: string) => T): T => {
    const field = fieldOf(id);
    unmark(field);
    try {
      return reader(field.value);
    } catch (error) {
      throw error instanceof InvalidInput ? new WrongField(field, error) : error;
    }
  };
  const M = read('M', (text) => readMatrix('M', text));
  const written = startsOf(before).map((_, i) => ({
    X0: read(`X0-${i}`, (text) => readMatrix('X0', text)),
    Y0: read(`Y0-${i}`, (text) => readMatrix('Y0', text)),
  }));
  // The starts are fitted to a target of another shape; otherwise no such target could be typed.
  const starts = isSameShape(M, before.instance.M) ? written : written.map((start) => fitStart(start, M));
  const instance = {
    M,
    ...starts[0]!,
    eta: read('eta', (text) => readNumber('the step size eta', text)),
    sigma1: read('sigma1', (text) => readNumber('sigma1', text)),
    sigma2: read('sigma2', (text) => readNumber('sigma2', text)),
    steps: read('steps', (text) => readWhole('steps', text, 1, MOST_STEPS)),
    seed: read('seed', (text) => readWhole('the seed', text, 0, 2 ** 31 - 1)),
  };
  const { measure, smoothed, pace } = before;
  return stateOf(instance, {
    others: starts.slice(1),
    alsoPlain: inputOf('also-plain').checked,
    measure,
    smoothed,
    pace,
  });
}
