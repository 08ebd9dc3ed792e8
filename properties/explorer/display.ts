/// <reference lib="dom" />
/** Everything that shows the player's state and reads nothing from the page. */
import { drawChart, guideText } from './chart.ts';
import { flatnessChart, imbalanceChart, productChart } from './charts.ts';
import { buttonOf, byId, canvasOf, inputOf, setText } from './elements.ts';
import { Landscape } from './landscape.ts';
import { showLegend } from './legend.ts';
import { brief } from './matrix-text.ts';
import { showIterates, showNumbers } from './table.ts';
import type { Player } from './player.ts';
import { pathsOf, sceneOf } from './scene.ts';
import { isScalar, penaltiesOf } from './state.ts';
import { describeFigures, landscapeNote, sentence } from './story.ts';
import { themeOf, watchSizes, type Theme } from './theme.ts';

/** Frames from one look at the numbers to the next: ten a second. */
const FRAMES_A_NUMBER = 6;

export class Display {
  readonly landscape = new Landscape(canvasOf('landscape'));
  #theme: Theme = themeOf(document.documentElement);
  #frames = 0;

  /** Draws again whenever a canvas changes its size or the page its colours. */
  watch(player: Player): void {
    watchSizes(['landscape', 'imbalance', 'flatness', 'product'].map(canvasOf), () => this.draw(player));
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#restyle(player));
  }

  /** The colours of the page have changed. */
  #restyle(player: Player): void {
    this.#theme = themeOf(document.documentElement);
    this.compose(player, true);
    this.draw(player);
  }

  /** Sets the landscape's scene; `keepDomain` leaves its extent unchanged. */
  compose(player: Player, keepDomain: boolean): void {
    const scene = sceneOf(player, this.#theme.runs);
    this.landscape.set(scene, keepDomain);
    showLegend(byId('legend'), player.simulation, scene);
  }

  draw(player: Player): void {
    const { runs } = this.#theme;
    this.landscape.draw(this.#theme, pathsOf(player.simulation, runs));
    const charts = {
      imbalance: imbalanceChart(player, runs),
      flatness: flatnessChart(player, runs),
      product: productChart(player, runs),
    };
    for (const [id, chart] of Object.entries(charts)) {
      drawChart(canvasOf(id), this.#theme, chart);
      setText(`${id}-guides`, guideText(chart));
    }
  }

  /** A frame of a run; the numbers follow at a pace at which they can be read. */
  follow(player: Player): void {
    this.draw(player);
    if (this.#frames++ % FRAMES_A_NUMBER === 0) showNumbers(byId('numbers'), player);
  }

  /** The parts that are updated only when the run stands still. */
  settle(player: Player): void {
    this.draw(player);
    showNumbers(byId('numbers'), player);
    showIterates(byId('iterates'), player.simulation);
    describeFigures(player);
    const failed = player.simulation.runs.filter(({ failure }) => failure !== undefined);
    if (failed.length === 0) return;
    const which = player.simulation.runs.length > 1 ? `start ${failed[0]!.start + 1}: ` : '';
    say(sentence(`${which}${failed[0]!.failure!.message}`), true);
  }
}

/** The message about the last action; a mistake is announced. */
export function say(text: string, alarm = false): void {
  byId('message').textContent = text;
  byId('message').className = alarm ? 'alarm' : '';
}

const grouped = new Intl.NumberFormat('en');

export function showTransport({ running, simulation: { step, steps, ended } }: Player): void {
  setText('run', running ? 'Pause' : ended ? 'Run again' : 'Run');
  buttonOf('step').disabled = running || ended;
  buttonOf('reset').disabled = step === 0;
  (byId('done') as HTMLProgressElement).value = step / steps;
  setText('count', `step ${grouped.format(step)} of ${grouped.format(steps)}`);
}

/** Shows the settings of the view. */
export function showSettings(player: Player): void {
  const { state, forecast } = player;
  const penalty = penaltiesOf(state.instance);
  inputOf('pace').value = String(Math.round(Math.log2(state.pace)));
  byId('pace-shown').textContent =
    state.pace === 1 ? '1 step per frame' : `${grouped.format(state.pace)} steps per frame`;
  inputOf('smoothed').checked = state.smoothed;
  inputOf('smoothed').disabled = penalty === undefined || forecast.projection.kind === 'pairs';
  (byId('measure') as HTMLSelectElement).value = state.measure;
  byId('imbalance-note').textContent =
    penalty === undefined ? '|X′X − Y′Y|' : `|X′X − γ²Y′Y|, γ = ${brief(penalty.gamma)}`;
  byId('landscape').classList.toggle('taps', isScalar(state.instance));
  byId('tap').hidden = !isScalar(state.instance);
  byId('landscape-note').textContent = landscapeNote(player);
}
