/** The loops of a step: each is right, and the two kernels agree to the last bit. */
import fc from 'fast-check';
import { Matrix } from 'ml-matrix';
import { describe, expect, test } from 'vitest';
import { gaussianNoise, type NoiseSource } from 'flat-minima';
import { padded, place, type Kernel } from '../../src/kernel/kernel.ts';
import { plainKernels } from '../../src/kernel/pool.ts';
import { plainKernel } from '../../src/kernel/plain.ts';
import { simdKernel } from '../../src/kernel/simd.ts';
import { perturbedDescent } from '../../src/solvers/perturbed.ts';
import { reducedDescent } from '../../src/solvers/reduced.ts';
import { stacked } from '../oracles/formula.ts';
import { gaussian } from './gaussian.ts';

/** A kernel whose memory begins with these matrices, each as its numbers; and the offset of each. */
function loaded(kernel: Kernel, ...blocks: (readonly number[])[]): { kernel: Kernel; at: number[] } {
  kernel.reserve(blocks.flat().length);
  kernel.memory.fill(NaN);
  kernel.memory.set(blocks.flat());
  return { kernel, at: blocks.map((_, i) => blocks.slice(0, i).flat().length) };
}

const zeros = (count: number): number[] => Array<number>(count).fill(0);
const withPadding = (A: Matrix): number[] => [...A.to1DArray(), ...zeros((padded(A.rows) - A.rows) * A.columns)];
function panelOf(A: Matrix): number[] {
  const panel = zeros(padded(A.rows) * A.columns);
  for (let i = 0; i < A.rows; i++) for (let j = 0; j < A.columns; j++) panel[place(i, j, A.columns)] = A.get(i, j);
  return panel;
}

test('a panel has a place for every entry, and zeros for the rest', () => {
  const A = Matrix.from1DArray(5, 2, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect(panelOf(A)).toEqual([1, 3, 5, 7, 2, 4, 6, 8, 9, 0, 0, 0, 10, 0, 0, 0]);
});

describe.each([
  ['plain', plainKernel],
  ['two numbers at a time', simdKernel],
])('kernel, %s: on whole numbers, which are added without rounding', (_, make) => {
  const own = make();
  const whole = (rows: number, columns: number): fc.Arbitrary<Matrix> =>
    fc
      .array(fc.integer({ min: -99, max: 99 }), { minLength: rows * columns, maxLength: rows * columns })
      .map((entries) => Matrix.from1DArray(rows, columns, entries));
  const shapes = fc.record({
    rows: fc.integer({ min: 1, max: 9 }),
    rank: fc.integer({ min: 1, max: 5 }),
    extra: fc.nat(6),
  });

  test('the perturbed point comes next to the other columns of the panel', () => {
    const cases = shapes.chain(({ rows, rank, extra }) =>
      fc.record({ A: whole(rows, rank + extra), at: whole(rows, rank), xi: whole(rows, rank) }),
    );
    fc.assert(
      fc.property(cases, ({ A, at, xi }) => {
        const { kernel, at: places } = loaded(own, withPadding(at), xi.to1DArray(), panelOf(A), [NaN]);
        kernel.perturb(places[0]!, places[1]!, places[2]!, at.rows, at.columns, A.columns, 3);
        const want = A.clone().setSubMatrix(Matrix.add(at, Matrix.mul(xi, 3)), 0, 0);
        expect([...kernel.memory.subarray(places[2], places[3]! + 1)]).toEqual([...panelOf(want), NaN]);
      }),
      { seed: 1 },
    );
  });

  test("A'B is right in every entry, and nothing else is written", () => {
    const cases = shapes.chain(({ rows, rank, extra }) =>
      fc.record({
        A: whole(rows, rank + extra),
        columns: fc.integer({ min: rank, max: rank + extra }),
        rank: fc.constant(rank),
      }),
    );
    fc.assert(
      fc.property(cases, ({ A, columns, rank }) => {
        const { kernel, at } = loaded(own, panelOf(A), zeros(columns * rank), [NaN]);
        kernel.crossProducts(at[0]!, padded(A.rows), A.columns, columns, rank, at[1]!);
        const part = (until: number): Matrix => A.subMatrix(0, A.rows - 1, 0, until - 1);
        const want = part(columns).transpose().mmul(part(rank)).to1DArray();
        expect([...kernel.memory.subarray(at[1], at[2]! + 1)]).toEqual([...want.map((x) => x + 0), NaN]);
      }),
      { seed: 1 },
    );
  });

  test('at - eta A C is right in every entry, and they are found to be finite', () => {
    const cases = shapes.chain(({ rows, rank, extra }) =>
      fc.record({ A: whole(rows, rank + extra), C: whole(rank + extra, rank), at: whole(rows, rank) }),
    );
    fc.assert(
      fc.property(cases, fc.nat(), ({ A, C, at }, n) => {
        const rest = zeros((padded(at.rows) - at.rows) * at.columns);
        const { kernel, at: places } = loaded(own, withPadding(at), panelOf(A), C.to1DArray());
        const move = (): number =>
          kernel.subtractProduct(0, places[1]!, padded(at.rows), A.columns, places[2]!, C.columns, 1 / 2);
        const areFinite = move();
        const want = Matrix.sub(at, A.mmul(C).mul(1 / 2)).to1DArray();
        expect([...kernel.memory.subarray(0, places[1])]).toEqual([...want, ...rest]);
        expect(areFinite).toBe(1);
        // One NaN in any place shows.
        kernel.memory[n % want.length] = n % 2 === 0 ? NaN : Infinity;
        expect(move()).toBe(0);
      }),
      { seed: 1 },
    );
  });
});

describe('the two kernels agree to the last bit', () => {
  const [plain, fast] = [plainKernel(), simdKernel()];
  /** The memory that both kernels leave from these numbers, and their results. */
  function both(numbers: readonly number[], use: (kernel: Kernel) => unknown): [unknown[], unknown[]] {
    const run = (kernel: Kernel): unknown[] => {
      loaded(kernel, numbers);
      const returned = use(kernel);
      return [returned, ...kernel.memory.subarray(0, numbers.length)];
    };
    return [run(plain), run(fast)];
  }
  const sizes = fc.record({
    rows: fc.integer({ min: 1, max: 13 }),
    rank: fc.integer({ min: 1, max: 6 }),
    extra: fc.nat(7),
    factor: fc.double({ min: -2, max: 2, noNaN: true }),
    seed: fc.string(),
    odd: fc.array(fc.double(), { maxLength: 2 }),
  });
  type Sizes = typeof sizes extends fc.Arbitrary<infer T> ? T : never;
  /** Normal numbers, some of them replaced by any numbers at all, NaN and infinities included. */
  const numbers = (count: number, { seed, odd }: Sizes): number[] => {
    const drawn = gaussian(1, count, seed).to1DArray();
    odd.forEach((value, i) => (drawn[(i * 7919 + seed.length) % count] = value));
    return drawn;
  };

  test.each<[string, (sizes: Sizes) => [number, (kernel: Kernel) => unknown]]>([
    [
      'perturb',
      ({ rows, rank, extra, factor }) => {
        const [size, width] = [rows * rank, rank + extra];
        const count = 2 * size + padded(rows) * width;
        return [count, (kernel) => kernel.perturb(0, size, 2 * size, rows, rank, width, factor)];
      },
    ],
    [
      'crossProducts',
      ({ rows, rank, extra }) => {
        const width = rank + extra;
        const panel = padded(rows) * width;
        return [panel + width * rank, (kernel) => kernel.crossProducts(0, padded(rows), width, width, rank, panel)];
      },
    ],
    [
      'subtractProduct',
      ({ rows, rank, extra, factor }) => {
        const [at, width] = [padded(rows) * rank, rank + extra];
        const panel = at + padded(rows) * width;
        const move = (kernel: Kernel): number =>
          kernel.subtractProduct(0, at, padded(rows), width, panel, rank, factor);
        return [panel + width * rank, move];
      },
    ],
    [
      'triangularise',
      ({ rows, rank }) => [(rows + rank) * rank, (kernel) => kernel.triangularise(0, rows + rank, rank)],
    ],
  ])('%s', (_, program) => {
    fc.assert(
      fc.property(sizes, (drawn) => {
        const [count, use] = program(drawn);
        const [ofPlain, ofFast] = both(numbers(count, drawn), use);
        expect(ofFast).toEqual(ofPlain);
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  test('normal numbers, however many, and the state after them', () => {
    const states = fc.array(fc.integer(), { minLength: 4, maxLength: 4 });
    const counts = fc.array(fc.oneof(fc.nat(9), fc.nat(999), fc.constant(16_384)), { maxLength: 4 });
    fc.assert(
      fc.property(states, counts, (state, lengths) => {
        const drawn = [plain, fast].map((kernel) => {
          const own = Int32Array.from(state);
          const blocks = lengths.map((length) => {
            const out = new Float64Array(length);
            kernel.fillNormal(own, out);
            return out;
          });
          return [own, ...blocks].map(({ buffer }) => Buffer.from(buffer).toString('base64'));
        });
        expect(drawn[1]).toEqual(drawn[0]);
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  test('runs that overflow: the step, the iterate, and the count of drawn numbers', () => {
    const problems = fc.record({
      d: fc.integer({ min: 1, max: 40 }),
      isLarge: fc.boolean(),
      halvings: fc.integer({ min: -3, max: 4 }),
      seed: fc.string(),
    });
    const ends = new Set<number>();
    fc.assert(
      fc.property(problems, ({ d, isLarge, halvings, seed }) => {
        // Larger steps take more normals than are drawn for several steps at once.
        const [d1, r] = isLarge ? [1200, 1] : [d, Math.min(d, 3)];
        const start = { X: gaussian(d1, r, `${seed} X`).div(d1), Y: gaussian(d, r, `${seed} Y`).div(d) };
        const target = gaussian(d1, d, `${seed} M`);
        const [ofPlain, ofFast] = [plainKernels, undefined].map((kernels) => {
          const source = gaussianNoise(seed);
          const noise = { sigma1: 1e-3, sigma2: 1e-3, source };
          const descent = perturbedDescent({ target, start, stepSize: 2 ** -halvings, noise }, kernels);
          let message = '';
          try {
            descent.advance(60);
          } catch (error) {
            message = String(error);
          }
          const next = new Float64Array(1);
          source.fill(next);
          return { message, next, end: stacked(descent).to1DArray() };
        });
        expect(ofFast).toEqual(ofPlain);
        ends.add(Number(/step (\d+)/.exec(ofPlain!.message)?.[1]));
      }),
      { seed: 1, numRuns: 100 },
    );
    expect(ends.size).toBeGreaterThan(9);
  });

  test('a run whose noise is drawn in the kernel is one that is handed its noise', () => {
    const problem = { target: gaussian(7, 6, 'M'), start: { X: gaussian(7, 3, 'X'), Y: gaussian(6, 3, 'Y') } };
    const ends = [true, false].map((isKnown) => {
      const source = gaussianNoise('xi');
      const unknown: NoiseSource = { fill: (out) => source.fill(out) };
      const noise = { sigma1: 1 / 8, sigma2: 1 / 4, source: isKnown ? source : unknown };
      const descent = perturbedDescent({ ...problem, stepSize: 1 / 64, noise });
      // Some of these calls draw for several steps more than once.
      for (const steps of [1, 0, 26, 27, 300]) descent.advance(steps);
      const next = new Float64Array(1);
      source.fill(next);
      return [...stacked(descent).to1DArray(), ...next];
    });
    expect(ends[1]).toEqual(ends[0]);
  });

  test('and so do whole runs', () => {
    const problems = fc.record({
      d1: fc.integer({ min: 1, max: 9 }),
      d2: fc.integer({ min: 1, max: 9 }),
      r: fc.integer({ min: 1, max: 4 }),
      k: fc.integer({ min: 0, max: 9 }),
      seed: fc.string(),
    });
    fc.assert(
      fc.property(problems, ({ d1, d2, r: most, k, seed }) => {
        const [r, rank] = [Math.min(most, d1, d2), Math.min(k, d1, d2)];
        const start = { X: gaussian(d1, r, `${seed} X`), Y: gaussian(d2, r, `${seed} Y`) };
        const own = { stepSize: 1 / 64, start };
        const noise = { sigma1: 1 / 4, sigma2: 1 / 8 };
        const target =
          rank === 0 ? Matrix.zeros(d1, d2) : gaussian(d1, rank, `${seed} U`).mmul(gaussian(rank, d2, `${seed} V`));
        const singularValues = gaussian(1, rank, `${seed} s`).abs().to1DArray();
        const descents = [undefined, plainKernels].flatMap((kernels) => [
          perturbedDescent({ ...own, target, noise: { ...noise, source: gaussianNoise(seed) } }, kernels),
          reducedDescent(
            { ...own, dimensions: { d1, d2 }, singularValues, noise: { ...noise, source: gaussianNoise(seed) } },
            kernels,
          ),
        ]);
        const ends = descents.map((descent) => {
          descent.advance(7);
          return stacked(descent).to1DArray();
        });
        expect(ends.slice(0, 2)).toEqual(ends.slice(2));
      }),
      { seed: 1, numRuns: 100 },
    );
  });
});
