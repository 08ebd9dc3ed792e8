/** The data of the study (properties/claims/experiments/study.ts), computed by the reference descent, as points of a plot. */
import { experiments, type Table } from '../../claims/experiments/study.ts';
import { referenceDescent } from '../../oracles/reference-descent.ts';

const tables = new Map<string, readonly Table[]>();

/** A table of an experiment, which is run once. */
export function tableOf(experiment: string, setting: string, shows: string): Table {
  if (!tables.has(experiment)) {
    const found = experiments.find(({ name }) => name === experiment)!;
    tables.set(experiment, found.run(referenceDescent));
  }
  return tables.get(experiment)!.find((table) => table.setting === setting && table.shows === shows)!;
}

/** A column by its name. */
export function column({ columns, rows }: Table, name: string): number[] {
  const index = columns.indexOf(name);
  return rows.map((row) => row[index]!);
}

/** [x, y] for each row. */
export const pairs = (x: readonly number[], y: readonly number[]): [number, number][] =>
  x.map((value, i) => [value, y[i]!]);
