/// <reference lib="dom" />
/** The page: the actions of its buttons, fields and files. */
import { InvalidInput } from '../../src/index.ts';
import { freshSeed } from '../model/seeds.ts';
import { fitRows, markWrong, readForm, showState, WrongField } from './controls.ts';
import { readCounterexample } from './counterexample.ts';
import { Display, say, showSettings, showTransport } from './display.ts';
import { byId, inputOf, make } from './elements.ts';
import { readWhole } from './matrix-text.ts';
import { Player } from './player.ts';
import { presets } from './presets.ts';
import { randomProblem } from './random-problem.ts';
import { fromHash, isScalar, MOST_STARTS, startsOf, type Start, type State } from './state.ts';
import { sentence, showStory } from './story.ts';

const display = new Display();
const player: Player = new Player(presets[0]!.state, {
  loaded(keepDomain) {
    display.compose(player, keepDomain);
    showState(player.state);
    showStory(player);
    showSettings(player);
    say('');
  },
  running(drawn) {
    if (drawn) display.follow(player);
    showTransport(player);
  },
  settled() {
    display.settle(player);
    showTransport(player);
    history.replaceState(null, '', `#${player.hash}`);
  },
});

/** Runs an action, and shows the message if it fails by a user's mistake. */
function attempt(action: () => void): void {
  try {
    action();
  } catch (error) {
    if (!(error instanceof InvalidInput || error instanceof WrongField)) throw error;
    if (player.running) player.settle();
    if (error instanceof WrongField) markWrong(error.field);
    say(sentence(error.message), true);
  }
}

function on<K extends keyof HTMLElementEventMap>(
  id: string,
  kind: K,
  action: (event: HTMLElementEventMap[K]) => void,
): void {
  byId(id).addEventListener(kind, (event) => attempt(() => action(event)));
}

/** Another way of looking at the same run: nothing is run again. */
function look(change: Pick<Partial<State>, 'pace' | 'measure' | 'smoothed'>): void {
  player.state = { ...player.state, ...change };
  display.compose(player, true);
  showSettings(player);
  if (!player.running) player.settle();
}

function connectTransport(): void {
  on('run', 'click', () => {
    if (player.running) {
      player.settle();
      return;
    }
    player.run();
    showFigures();
  });
  on('step', 'click', () => player.stepOnce());
  on('reset', 'click', () => player.load({ ...player.state, at: 0 }));
  on('pace', 'input', () => look({ pace: 2 ** Number(inputOf('pace').value) }));
  on('smoothed', 'change', () => look({ smoothed: inputOf('smoothed').checked }));
  on('measure', 'change', () => look({ measure: inputOf('measure').value as State['measure'] }));
  on('link', 'click', () => {
    player.settle();
    void navigator.clipboard.writeText(location.href).then(
      () => say('The link is copied: it opens the page in its present state.'),
      () => say('The link is in the address bar: copy it from there.'),
    );
  });
}

/** At the start of a run, scrolls to the landscape if little of it is visible. */
function showFigures(): void {
  const { top, bottom, height } = byId('landscape').getBoundingClientRect();
  const inSight = Math.min(bottom, innerHeight) - Math.max(top, byId('transport').getBoundingClientRect().bottom);
  if (inSight < 0.75 * height) byId('story').scrollIntoView();
}

function connectForm(): void {
  on('change', 'click', () => {
    byId('problem').scrollIntoView();
    byId('M').focus({ preventScroll: true });
  });
  on('problem', 'submit', (event) => event.preventDefault());
  on('problem', 'input', (event) => {
    if (event.target instanceof HTMLTextAreaElement) fitRows(event.target);
    if ((event.target as HTMLElement).closest('fieldset') === null) player.load(readForm(player.state));
  });
  // A valid entry is put in its usual form when its field is left.
  on('problem', 'focusout', () => {
    if (byId('problem').querySelector('[aria-invalid]') === null) showState(player.state);
  });
  on('starts', 'click', (event) => {
    const removed = (event.target as HTMLElement).dataset['remove'];
    if (removed !== undefined) setStarts(startsOf(player.state).filter((_, i) => i !== Number(removed)));
  });
  on('add', 'click', () => addStart(startsOf(player.state).at(-1)!));
  on('reseed', 'click', () => player.edit({ instance: { ...player.state.instance, seed: freshSeed() } }));
  on('draw', 'click', () => {
    const read = (id: string, most: number): number => readWhole(id, inputOf(id).value, 1, most);
    const [d1, d2] = [read('d1', MOST_DRAWN), read('d2', MOST_DRAWN)];
    player.load(randomProblem(d1, d2, read('r', Math.min(d1, d2)), freshSeed()));
  });
}

/** Rows and columns of a problem that is drawn at random. */
const MOST_DRAWN = 8;

function setStarts([first, ...others]: readonly Start[], keepDomain = false): void {
  player.edit({ instance: { ...player.state.instance, ...first! }, others }, keepDomain);
}

function addStart(start: Start): void {
  const starts = startsOf(player.state);
  if (starts.length >= MOST_STARTS) throw new InvalidInput(`there are ${MOST_STARTS} starts already: remove one first`);
  setStarts([...starts, start]);
}

/** On a 1 x 1 landscape a tap adds a start, and a mouse moves one. */
function connectLandscape(): void {
  let dragged = -1;
  let moved = false;
  const pointed = ({ offsetX, offsetY }: MouseEvent): Start => {
    const [x, y] = display.landscape.pointAt(offsetX, offsetY);
    return { X0: [[x]], Y0: [[y]] };
  };
  on('landscape', 'pointerdown', ({ pointerType, offsetX, offsetY, pointerId }) => {
    moved = false;
    // A finger that moves scrolls the page.
    const moves = isScalar(player.state.instance) && pointerType !== 'touch';
    dragged = moves ? display.landscape.startAt(offsetX, offsetY) : -1;
    if (dragged >= 0) byId('landscape').setPointerCapture(pointerId);
  });
  on('landscape', 'pointermove', (event) => {
    if (dragged < 0 || event.buttons === 0) return;
    moved = true;
    setStarts(
      startsOf(player.state).map((start, i) => (i === dragged ? pointed(event) : start)),
      true,
    );
  });
  on('landscape', 'click', (event) => {
    const added = dragged < 0 && isScalar(player.state.instance);
    dragged = -1;
    if (added) addStart(pointed(event));
    if (added || moved) player.run();
  });
}

function connectFiles(): void {
  const read = async (file: File | undefined): Promise<void> => {
    if (file === undefined) return;
    const text = await file.text();
    attempt(() => player.load(readCounterexample(file.name, text)));
  };
  on('open', 'click', () => inputOf('file').click());
  on('file', 'change', () => {
    void read(inputOf('file').files?.[0]).then(() => (inputOf('file').value = ''));
  });
  const dropping = (is: boolean): void => void document.body.classList.toggle('dropping', is);
  addEventListener('dragover', (event) => {
    event.preventDefault();
    dropping(true);
  });
  addEventListener('dragleave', ({ relatedTarget }) => {
    if (relatedTarget === null) dropping(false);
  });
  addEventListener('drop', (event) => {
    event.preventDefault();
    dropping(false);
    void read(event.dataTransfer?.files[0]);
  });
}

/** Loads the fragment of an address: a claim's preset by its id, or a whole state. */
function open(hash: string): void {
  const preset = presets.find(({ claim }) => hash === '' || hash === claim || hash === encodeURIComponent(claim));
  attempt(() => player.load(preset?.state ?? fromHash(hash)));
}

function showPresets(): void {
  const buttons = presets.map(({ claim, title, state }) => {
    const button = make('button', title, make('code', claim));
    button.type = 'button';
    button.dataset['claim'] = claim;
    button.addEventListener('click', () => {
      player.load(state);
      player.run();
      showFigures();
    });
    return button;
  });
  byId('presets').replaceChildren(...buttons);
}

showPresets();
// Loading puts its own address in place of this one.
const asked = location.hash.slice(1);
player.load(presets[0]!.state);
open(asked);
connectTransport();
connectForm();
connectLandscape();
connectFiles();
display.watch(player);
addEventListener('hashchange', () => open(location.hash.slice(1)));
