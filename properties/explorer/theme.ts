/// <reference lib="dom" />
/** Colours of the page's style, for canvases, and canvases at the screen's resolution. */

export interface Theme {
  readonly card: string;
  readonly ink: string;
  readonly soft: string;
  readonly line: string;
  /** Red, green and blue of high ground. */
  readonly land: readonly number[];
  /** The colours of runs, or of singular pairs if there is one run. */
  readonly runs: readonly string[];
  readonly font: string;
}

export function themeOf(element: HTMLElement): Theme {
  const style = getComputedStyle(element);
  const colour = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return {
    card: colour('card'),
    ink: colour('ink'),
    soft: colour('soft'),
    line: colour('line'),
    land: colour('land').split(' ').map(Number),
    runs: [0, 1, 2, 3, 4, 5].map((i) => colour(`run-${i}`)),
    font: `12px ${style.fontFamily}`,
  };
}

/** A cleared canvas to draw on in CSS pixels. */
export interface Sheet {
  readonly pen: CanvasRenderingContext2D;
  readonly width: number;
  readonly height: number;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Asking the document for a size in every frame would have it laid out as often. */
const sizes = new WeakMap<Element, Size>();

/** The size of a canvas in CSS pixels. */
export function sizeOf(canvas: HTMLCanvasElement): Size {
  const known = sizes.get(canvas) ?? canvas.getBoundingClientRect();
  sizes.set(canvas, known);
  return known;
}

/** Calls back whenever the layout has given one of the canvases another size. */
export function watchSizes(canvases: readonly HTMLCanvasElement[], changed: () => void): void {
  const observer = new ResizeObserver((entries) => {
    for (const { target, contentRect } of entries) sizes.set(target, contentRect);
    changed();
  });
  for (const canvas of canvases) observer.observe(canvas);
}

/** Undefined while the page gives the canvas no room. */
export function sheetOf(canvas: HTMLCanvasElement): Sheet | undefined {
  const { width, height } = sizeOf(canvas);
  if (width === 0 || height === 0) return undefined;
  const scale = window.devicePixelRatio;
  const [wide, high] = [Math.round(width * scale), Math.round(height * scale)];
  if (canvas.width !== wide || canvas.height !== high) [canvas.width, canvas.height] = [wide, high];
  const pen = canvas.getContext('2d')!;
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  pen.clearRect(0, 0, width, height);
  return { pen, width, height };
}

/** Text that stays readable over lines. */
export function write(pen: CanvasRenderingContext2D, theme: Theme, text: string, x: number, y: number): void {
  pen.lineWidth = 4;
  pen.lineJoin = 'round';
  pen.strokeStyle = theme.card;
  pen.strokeText(text, x, y);
  pen.fillText(text, x, y);
}

/** Strokes through points; a coordinate that is not finite interrupts the line. */
export function trace(pen: CanvasRenderingContext2D, points: Iterable<readonly [number, number]>): void {
  pen.beginPath();
  let down = false;
  for (const [x, y] of points) {
    const shown = Number.isFinite(x) && Number.isFinite(y);
    if (shown && down) pen.lineTo(x, y);
    else if (shown) pen.moveTo(x, y);
    down = shown;
  }
  pen.stroke();
}
