/// <reference lib="dom" />
/** A chart over steps: measured lines, and predicted ones dotted. */
import { scaleLinear, scaleLog } from 'd3-scale';
import type { Curve } from './predictions.ts';
import type { Style } from './landscape-geometry.ts';
import { sheetOf, trace, type Sheet, type Theme } from './theme.ts';

export interface Line extends Style {
  readonly points: readonly (readonly [step: number, value: number])[];
}

/** The names of a chart's dotted lines and of its band. */
export function guideText({ guides, band }: Chart): string {
  const labels = [...new Set(guides.map(({ label }) => label))];
  const dotted = labels.length === 0 ? '' : `Dotted: ${labels.join('; ')}. `;
  return dotted + (band === undefined ? '' : `Band: ${band.label}.`);
}

/** The range in which a line has to stay. */
export interface Band {
  readonly label: string;
  readonly points: readonly (readonly [step: number, low: number, high: number])[];
}

export interface Chart {
  readonly steps: number;
  readonly log: boolean;
  readonly lines: readonly Line[];
  readonly guides: readonly Curve[];
  readonly band?: Band | undefined;
  /** Said in place of lines that cannot be shown. */
  readonly remark?: string | undefined;
}

const MARGIN = { left: 46, right: 10, top: 12, bottom: 20 };

type Scale = ((value: number) => number) & { ticks(count?: number): number[] };

interface Frame extends Sheet {
  readonly theme: Theme;
  readonly chart: Chart;
  readonly x: Scale;
  readonly y: Scale;
}

export function drawChart(canvas: HTMLCanvasElement, theme: Theme, chart: Chart): void {
  const sheet = sheetOf(canvas);
  if (sheet === undefined) return;
  const x = scaleLinear([0, chart.steps], [MARGIN.left, sheet.width - MARGIN.right]);
  const y = scaleOf(chart).range([sheet.height - MARGIN.bottom, MARGIN.top]);
  const frame: Frame = { ...sheet, theme, chart, x, y };
  sheet.pen.font = theme.font;
  drawAxes(frame);
  sheet.pen.save();
  sheet.pen.beginPath();
  sheet.pen.rect(MARGIN.left, 0, sheet.width - MARGIN.left, sheet.height - MARGIN.bottom + 1);
  sheet.pen.clip();
  if (chart.band !== undefined) drawBand(frame, chart.band);
  for (const line of chart.lines) drawLine(frame, line);
  for (const guide of chart.guides) drawGuide(frame, guide);
  sheet.pen.restore();
  if (chart.remark !== undefined) remark(frame, chart.remark);
}

function remark({ pen, theme, width, height }: Frame, text: string): void {
  pen.fillStyle = theme.soft;
  pen.textAlign = 'center';
  pen.textBaseline = 'middle';
  pen.fillText(text, width / 2, height / 2);
}

/** The range of the chart: all measured and predicted values. */
function valuesOf({ lines, guides, band, steps }: Chart): number[] {
  const measured = lines.flatMap(({ points, wild }) => (wild ? points.slice(0, 1) : points).map(([, value]) => value));
  const predicted = guides.flatMap(({ at }) => [at(0), at(steps)]);
  const bounds = band?.points.flatMap(([, low, high]) => [low, high]) ?? [];
  return [...measured, ...predicted, ...bounds].filter((value) => Number.isFinite(value));
}

/** The range of a logarithmic chart: values below it are noise that passes through 0. */
const DECADES = 1e-5;

function scaleOf(
  chart: Chart,
): ReturnType<typeof scaleLinear<number, number>> | ReturnType<typeof scaleLog<number, number>> {
  const values = valuesOf(chart);
  const most = Math.max(0, ...values);
  if (chart.log && most > 0) {
    const measured = chart.lines.flatMap(({ points }) => points.map(([, value]) => value)).filter((value) => value > 0);
    // A fall that ends far below the floor of the noise need not be followed there.
    const floor = Math.max(0, ...chart.guides.map(({ at }) => at(chart.steps)));
    const least = Math.max(DECADES * most, Math.min(...measured, most) / 2, floor / 10);
    return scaleLog([least, most * 1.3], [0, 1]);
  }
  const least = Math.min(...values, most);
  const room = Math.max(0.08 * (most - least), 0.05 * Math.abs(most), 1e-12);
  return scaleLinear([least - (least === 0 ? 0 : room), most + room], [0, 1]);
}

function drawAxes({ pen, theme, chart, x, y, width, height }: Frame): void {
  pen.strokeStyle = theme.line;
  pen.lineWidth = 1;
  pen.fillStyle = theme.soft;
  pen.textAlign = 'right';
  pen.textBaseline = 'middle';
  for (const tick of ticksOf(chart, y)) {
    const at = Math.round(y(tick)) + 0.5;
    trace(pen, [
      [MARGIN.left, at],
      [width - MARGIN.right, at],
    ]);
    pen.fillText(brief(tick), MARGIN.left - 6, at);
  }
  pen.textBaseline = 'top';
  const ticks = x.ticks(width > 400 ? 5 : 3).filter(Number.isInteger);
  for (const [i, tick] of ticks.entries()) {
    pen.textAlign = i === 0 ? 'left' : x(tick) > width - 30 ? 'right' : 'center';
    pen.fillText(i === 0 ? 'step 0' : brief(tick), x(tick), height - MARGIN.bottom + 6);
  }
}

/** Whole decades on a logarithmic axis; if there is hardly one, 1, 2 and 5 of each, because all nine would overlap. */
function ticksOf({ log }: Chart, y: Scale): number[] {
  const ticks = y.ticks(4);
  if (!log) return ticks;
  const digit = (tick: number): number => Math.round(tick / 10 ** Math.floor(Math.log10(tick) + 1e-9));
  const decades = ticks.filter((tick) => digit(tick) === 1);
  return decades.length > 1 ? decades : ticks.filter((tick) => [1, 2, 5].includes(digit(tick)));
}

/** A tick's number, short. */
function brief(value: number): string {
  const size = Math.abs(value);
  if (size >= 10_000) return `${Number((value / 1000).toPrecision(3))}k`;
  if (size > 0 && size < 1e-3) return value.toExponential(0);
  return String(Number(value.toPrecision(4)));
}

function drawBand({ pen, theme, x, y }: Frame, { points }: Band): void {
  pen.fillStyle = theme.ink;
  pen.globalAlpha = 0.12;
  pen.beginPath();
  for (const [step, low] of points) pen.lineTo(x(step), y(low));
  for (const [step, , high] of [...points].reverse()) pen.lineTo(x(step), y(high));
  pen.fill();
  pen.globalAlpha = 1;
}

function drawLine({ pen, x, y }: Frame, { colour, dashed, points }: Line): void {
  pen.strokeStyle = colour;
  pen.lineWidth = 1.6;
  pen.lineJoin = 'round';
  pen.setLineDash(dashed ? [5, 3] : []);
  trace(
    pen,
    points.map(([step, value]) => [x(step), y(value)] as const),
  );
  pen.setLineDash([]);
}

const GUIDE_POINTS = 128;

function drawGuide({ pen, theme, chart, x, y }: Frame, { at }: Curve): void {
  pen.strokeStyle = theme.ink;
  pen.lineWidth = 1.2;
  pen.setLineDash([2, 3]);
  const steps = Array.from({ length: GUIDE_POINTS + 1 }, (_, i) => (i * chart.steps) / GUIDE_POINTS);
  trace(
    pen,
    steps.map((step) => [x(step), y(at(step))] as const),
  );
  pen.setLineDash([]);
}
