/**
 * Rules that average polynomials in standard normals exactly, with whole nodes and rational weights, so that they do so over
 * every field: docs/theory/verdicts.md#proved-identities proves their degrees. A rule takes the numbers of the noise in groups.
 */
export interface Rule {
  /** The degree bounds of a polynomial: at most this degree in each of the groups, */
  readonly degree: number;
  /** which are all numbers together, those of each block, or each number by itself. */
  readonly groups: 'together' | 'by block' | 'one by one';
  /** The rule for one group. */
  readonly points: (count: number) => readonly Point[];
}

/** A whole number for each number of the noise, and the weight numerator / denominator. */
export interface Point {
  readonly nodes: readonly number[];
  readonly weight: readonly [numerator: number, denominator: number];
}

/** 0, and +-e_i. */
function upToThree(n: number): Point[] {
  const axes = at(n, 1, (nodes) => ({ nodes, weight: [1, 2] }));
  return [{ nodes: Array<number>(n).fill(0), weight: [1 - n, 1] }, ...axes];
}

/** 0, +-e_i, +-2 e_i, and +-e_i +-e_j. */
function upToFive(n: number): Point[] {
  const near = at(n, 1, (nodes) => ({ nodes, weight: [4 - 3 * n, 6] }));
  const far = at(n, 2, (nodes) => ({ nodes, weight: [1, 12] }));
  const pairs: Point[] = [];
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      for (const [a, b] of [
        [1, 1],
        [1, -1],
        [-1, 1],
        [-1, -1],
      ] as const) {
        pairs.push({ nodes: placed(n, [i, a], [j, b]), weight: [1, 4] });
      }
    }
  }
  return [{ nodes: placed(n), weight: [n * n - 2 * n + 2, 2] }, ...near, ...far, ...pairs];
}

const at = (n: number, size: number, point: (nodes: number[]) => Point): Point[] =>
  Array.from({ length: n }, (_, i) => [point(placed(n, [i, size])), point(placed(n, [i, -size]))]).flat();

function placed(n: number, ...entries: readonly (readonly [number, number])[]): number[] {
  const nodes = Array<number>(n).fill(0);
  for (const [i, value] of entries) nodes[i] = value;
  return nodes;
}

const signs = (): Point[] => [
  { nodes: [1], weight: [1, 2] },
  { nodes: [-1], weight: [1, 2] },
];

export const TOGETHER_TO_THREE: Rule = { degree: 3, groups: 'together', points: upToThree };
export const BLOCKS_TO_THREE: Rule = { degree: 3, groups: 'by block', points: upToThree };
export const BLOCKS_TO_FIVE: Rule = { degree: 5, groups: 'by block', points: upToFive };
/**
 * All patterns of signs. At most squares: all distributions with independent entries of mean 0 and variance 1 have the
 * same average.
 */
export const ALL_SIGNS: Rule = { degree: 2, groups: 'one by one', points: signs };

/** The sizes of the groups, of blocks of these sizes. */
export function groupSizes({ groups }: Rule, blocks: readonly number[]): readonly number[] {
  const all = blocks.reduce((sum, size) => sum + size, 0);
  if (groups === 'by block') return blocks;
  return groups === 'together' ? [all] : Array<number>(all).fill(1);
}

/** The points of the product of the rule over all groups; their nodes are those of the blocks one after the other. */
export function* pointsOf(rule: Rule, blocks: readonly number[]): Generator<Point> {
  yield* products(groupSizes(rule, blocks).map(rule.points));
}

function* products([first, ...rest]: readonly (readonly Point[])[]): Generator<Point> {
  if (first === undefined) yield { nodes: [], weight: [1, 1] };
  else {
    const others = [...products(rest)];
    for (const { nodes, weight } of first) {
      for (const other of others) {
        const [numerator, denominator] = other.weight;
        yield {
          nodes: [...nodes, ...other.nodes],
          weight: [weight[0] * numerator, weight[1] * denominator],
        };
      }
    }
  }
}
