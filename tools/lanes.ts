/** The shares of what the lanes of the watch mode have to do. */

/**
 * The ids in so many lanes that take about as long as each other: the costliest first, each into the lane that is soonest
 * done. What has no cost yet counts as much as the others do on average.
 */
export function lanesOf(ids: readonly string[], costs: ReadonlyMap<string, number>, of: number): string[][] {
  const known = [...costs.values()];
  const usual = known.length === 0 ? 1 : known.reduce((sum, cost) => sum + cost, 0) / known.length;
  const cost = (id: string): number => costs.get(id) ?? usual;
  const lanes = Array.from({ length: of }, () => ({ busy: 0, ids: [] as string[] }));
  for (const id of [...ids].sort((a, b) => cost(b) - cost(a))) {
    const soonest = lanes.reduce((best, lane) => (lane.busy < best.busy ? lane : best));
    soonest.busy += cost(id);
    soonest.ids.push(id);
  }
  return lanes.map((lane) => ids.filter((id) => lane.ids.includes(id)));
}
