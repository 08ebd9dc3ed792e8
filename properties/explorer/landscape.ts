/// <reference lib="dom" />
/** The landscape: contours of the loss if there is a plane to show, hyperbolas, predictions, and the paths. */
import { scaleLinear } from 'd3-scale';
import {
  conservedCurve,
  domainOf,
  ellipse,
  heightOf,
  hyperbola,
  widened,
  type Domain,
  type Path,
  type Scene,
} from './landscape-geometry.ts';
import { brief } from './matrix-text.ts';
import type { Point } from './projection.ts';
import { sheetOf, sizeOf, trace, write, type Sheet, type Theme } from './theme.ts';

export class Landscape {
  readonly #canvas: HTMLCanvasElement;
  #scene!: Scene;
  /** The domain while no path leaves it, and the present domain. */
  #base!: Domain;
  #domain!: Domain;
  /** The shading, and the key of the scene that it was made for. */
  #shading: { key: string; image: HTMLCanvasElement } | undefined;

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
  }

  /** Shows another scene; `keep` leaves the domain unchanged. */
  set(scene: Scene, keep = false): void {
    this.#scene = scene;
    if (!keep) this.#base = this.#domain = domainOf(scene);
  }

  /** The point at a place on the canvas, in CSS pixels from its corner, to two digits or so. */
  pointAt(x: number, y: number): Point {
    const { centre, half } = this.#domain;
    const { width } = sizeOf(this.#canvas);
    const unit = 10 ** Math.floor(Math.log10(half / 20));
    const round = (value: number): number => Number((Math.round(value / unit) * unit).toPrecision(12));
    const scale = (2 * half) / width;
    return [round(centre[0] - half + x * scale), round(centre[1] + half - y * scale)];
  }

  /** Index of the start at a place on the canvas. */
  startAt(x: number, y: number): number {
    const { width } = sizeOf(this.#canvas);
    return this.#scene.starts.findLastIndex((start) => {
      const [a, b] = this.#place(start, width);
      return Math.hypot(a - x, b - y) <= REACH;
    });
  }

  draw(theme: Theme, paths: readonly Path[]): void {
    this.#domain = widened(this.#base, paths);
    const sheet = sheetOf(this.#canvas);
    if (sheet === undefined) return;
    if (this.#scene.projection.kind === 'plane') this.#shade(sheet, theme);
    this.#axes(sheet, theme);
    this.#curves(sheet, theme);
    for (const path of paths) this.#path(sheet, path);
    this.#marks(sheet, theme, paths);
  }

  #place([a, b]: Point, width: number): Point {
    const { centre, half } = this.#domain;
    const scale = width / (2 * half);
    return [(a - centre[0] + half) * scale, (centre[1] + half - b) * scale];
  }

  #shade({ pen, width, height }: Sheet, theme: Theme): void {
    const { state } = this.#scene;
    const pixels = Math.round(Math.min(MOST_PIXELS, width * window.devicePixelRatio));
    const key = JSON.stringify([
      this.#domain,
      pixels,
      theme.land,
      state.smoothed,
      state.instance.M,
      state.instance.sigma1,
      state.instance.sigma2,
    ]);
    if (this.#shading?.key !== key) this.#shading = { key, image: shadingOf(this.#scene, this.#domain, pixels, theme) };
    pen.drawImage(this.#shading.image, 0, 0, width, height);
  }

  #axes(sheet: Sheet, theme: Theme): void {
    const { pen, width } = sheet;
    const [x, y] = this.#place([0, 0], width);
    pen.font = theme.font;
    pen.strokeStyle = theme.soft;
    pen.lineWidth = 1;
    pen.globalAlpha = 0.5;
    trace(pen, [
      [Math.round(x) + 0.5, 0],
      [Math.round(x) + 0.5, width],
    ]);
    trace(pen, [
      [0, Math.round(y) + 0.5],
      [width, Math.round(y) + 0.5],
    ]);
    pen.globalAlpha = 1;
    this.#ticks(sheet, theme);
    pen.fillStyle = theme.ink;
    const [a, b] = this.#scene.names;
    pen.textBaseline = 'bottom';
    pen.textAlign = 'right';
    write(pen, theme, a, width - 6, Math.min(width - 4, Math.max(16, y - 4)));
    pen.textBaseline = 'top';
    pen.textAlign = 'left';
    write(pen, theme, b, Math.min(width - 60, Math.max(4, x + 6)), 6);
  }

  /** Numbers along both axes. */
  #ticks({ pen, width }: Sheet, theme: Theme): void {
    const { centre, half } = this.#domain;
    const ticks = (axis: 0 | 1): number[] =>
      scaleLinear([centre[axis] - half, centre[axis] + half], [0, 1])
        .ticks(6)
        .filter((tick) => tick !== 0 && Math.abs(tick - centre[axis]) < 0.88 * half);
    const within = (at: number): number => Math.min(width - 18, Math.max(4, at));
    pen.fillStyle = theme.soft;
    pen.textAlign = 'center';
    pen.textBaseline = 'top';
    for (const tick of ticks(0)) {
      const [x, y] = this.#place([tick, 0], width);
      pen.fillText(brief(tick), x, within(y) + 4);
    }
    pen.textAlign = 'right';
    pen.textBaseline = 'middle';
    for (const tick of ticks(1)) {
      const [x, y] = this.#place([0, tick], width);
      pen.fillText(brief(tick), Math.max(26, x - 5), y);
    }
  }

  #curves({ pen, width }: Sheet, theme: Theme): void {
    const line = (points: readonly Point[]): void =>
      trace(
        pen,
        points.map((point) => this.#place(point, width)),
      );
    const { centre, half } = this.#domain;
    const reach = Math.max(Math.abs(centre[0]), Math.abs(centre[1])) + half;
    pen.setLineDash([2, 4]);
    pen.lineWidth = 1.3;
    for (const { from, colour } of this.#scene.conserved) {
      pen.strokeStyle = colour;
      for (const branch of conservedCurve(from, reach)) line(branch);
    }
    pen.strokeStyle = theme.ink;
    const { gamma } = this.#scene;
    if (gamma !== undefined) {
      const slopes = this.#scene.projection.kind === 'plane' ? [reach, -reach] : [reach];
      for (const b of slopes)
        line([
          [-gamma * reach, -b],
          [gamma * reach, b],
        ]);
    }
    pen.setLineDash([8, 4]);
    if (this.#scene.border !== undefined) line(ellipse(this.#scene.border));
    pen.setLineDash([]);
    for (const m of this.#scene.projection.hyperbolas) {
      pen.lineWidth = this.#scene.projection.kind === 'plane' ? 2.2 : 1.2;
      for (const branch of hyperbola(m, reach)) line(branch);
    }
  }

  #path({ pen, width }: Sheet, { colour, dashed, points }: Path): void {
    pen.strokeStyle = colour;
    pen.lineWidth = 1.5;
    pen.lineJoin = 'round';
    pen.setLineDash(dashed ? [5, 3] : []);
    trace(
      pen,
      points.map((point) => this.#place(point, width)),
    );
    pen.setLineDash([]);
  }

  /** Starts are open dots, rings are predictions, full dots are now. */
  #marks({ pen, width }: Sheet, theme: Theme, paths: readonly Path[]): void {
    const { starts, rings } = this.#scene;
    const dot = (point: Point, radius: number): void => {
      pen.beginPath();
      pen.arc(...this.#place(point, width), radius, 0, 2 * Math.PI);
    };
    pen.lineWidth = 1.5;
    for (const start of starts) {
      dot(start, 4);
      pen.fillStyle = theme.card;
      pen.strokeStyle = theme.ink;
      pen.fill();
      pen.stroke();
    }
    for (const { points, colour } of paths) {
      dot(points.at(-1)!, 5.5);
      pen.fillStyle = colour;
      pen.strokeStyle = theme.card;
      pen.fill();
      pen.stroke();
    }
    pen.fillStyle = theme.ink;
    pen.textAlign = 'left';
    pen.textBaseline = 'middle';
    for (const { at, colour, label } of rings) {
      dot(at, 10);
      pen.strokeStyle = colour ?? theme.ink;
      pen.lineWidth = 2;
      pen.stroke();
      const [x, y] = this.#place(at, width);
      if (label !== '') write(pen, theme, label, x + 14, y);
    }
  }
}

/** The distance from a start, in pixels, within which a pointer is on it. */
const REACH = 16;
const MOST_PIXELS = 900;
const SHADES = 16;

/** The loss over the domain in bands, as distance from its minima: |ab - m| for the loss itself. */
function shadingOf(
  { state, projection }: Scene,
  { centre, half }: Domain,
  pixels: number,
  theme: Theme,
): HTMLCanvasElement {
  const image = document.createElement('canvas');
  [image.width, image.height] = [pixels, pixels];
  const pen = image.getContext('2d')!;
  const data = pen.createImageData(pixels, pixels);
  const height = heightOf(state, projection);
  const unit = (half * half) / 3;
  for (let j = 0, at = 0; j < pixels; j++) {
    const b = centre[1] + half - ((j + 0.5) * 2 * half) / pixels;
    for (let i = 0; i < pixels; i++, at += 4) {
      const a = centre[0] - half + ((i + 0.5) * 2 * half) / pixels;
      const rise = Math.sqrt(Math.max(0, 2 * height(a, b)));
      const band = Math.floor((SHADES * rise) / (rise + unit)) / SHADES;
      data.data[at] = theme.land[0]!;
      data.data[at + 1] = theme.land[1]!;
      data.data[at + 2] = theme.land[2]!;
      data.data[at + 3] = 150 * band;
    }
  }
  pen.putImageData(data, 0, 0);
  return image;
}
