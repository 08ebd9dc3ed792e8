/** The loops of a step, which two kernels do alike; whose memory it is when; and targets of small rank. */
import fc from 'fast-check';
import { Matrix } from 'ml-matrix';
import { describe, expect, test, vi } from 'vitest';
import { gaussianNoise, perturbedGradientDescent, scriptedNoise, type DescentOptions } from 'flat-minima';
import { padded, place, type Kernel } from '../../src/kernel/kernel.ts';
import { fastest, fastKernels, kernelsFor, plainKernels } from '../../src/kernel/lend.ts';
import { plainKernel } from '../../src/kernel/plain.ts';
import { simdKernel } from '../../src/kernel/simd.ts';
import { perturbedDescent } from '../../src/perturbed.ts';
import { reducedDescent } from '../../src/reduced.ts';
import { thinFactors } from '../../src/thin-factors.ts';
import { matrix } from '../instance.ts';
import { exactStep } from '../oracles/exact-descent.ts';
import { perturb, stacked } from '../oracles/formula.ts';
import { stepRounding, u } from '../oracles/rounding.ts';

/** rows x columns, standard normal. */
function gaussian(rows: number, columns: number, seed: string): Matrix {
  const entries = new Float64Array(rows * columns);
  gaussianNoise(seed).fill(entries);
  return Matrix.from1DArray(rows, columns, entries);
}

/** A kernel whose memory begins with these matrices, each as its numbers; and where each begins. */
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
  const whole = (rows: number, columns: number): fc.Arbitrary<Matrix> =>
    fc
      .array(fc.integer({ min: -99, max: 99 }), { minLength: rows * columns, maxLength: rows * columns })
      .map((entries) => Matrix.from1DArray(rows, columns, entries));
  const shapes = fc.record({
    rows: fc.integer({ min: 1, max: 9 }),
    rank: fc.integer({ min: 1, max: 5 }),
    extra: fc.nat(6),
  });

  test('the perturbed point comes beside what is in the panel', () => {
    const cases = shapes.chain(({ rows, rank, extra }) =>
      fc.record({ A: whole(rows, rank + extra), at: whole(rows, rank), xi: whole(rows, rank) }),
    );
    fc.assert(
      fc.property(cases, ({ A, at, xi }) => {
        const { kernel, at: places } = loaded(make(), withPadding(at), withPadding(xi), panelOf(A), [NaN]);
        kernel.perturb(places[0]!, places[1]!, places[2]!, padded(at.rows), at.columns, A.columns, 3);
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
        const { kernel, at } = loaded(make(), panelOf(A), zeros(columns * rank), [NaN]);
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
        const { kernel, at: places } = loaded(make(), withPadding(at), panelOf(A), C.to1DArray());
        const move = (): number =>
          kernel.subtractProduct(0, places[1]!, padded(at.rows), A.columns, places[2]!, C.columns, 1 / 2);
        const areFinite = move();
        const want = Matrix.sub(at, A.mmul(C).mul(1 / 2)).to1DArray();
        expect([...kernel.memory.subarray(0, places[1])]).toEqual([...want, ...rest]);
        expect(areFinite).toBe(1);
        // One number that is none, wherever it stands, shows.
        kernel.memory[n % want.length] = n % 2 === 0 ? NaN : Infinity;
        expect(move()).toBe(0);
      }),
      { seed: 1 },
    );
  });
});

describe('the two kernels agree to the last bit', () => {
  /** What both leave in a memory that begins with these numbers, and what they return. */
  function both(numbers: readonly number[], use: (kernel: Kernel) => unknown): [unknown[], unknown[]] {
    const run = (made: Kernel): unknown[] => {
      const { kernel } = loaded(made, numbers);
      const returned = use(kernel);
      return [returned, ...kernel.memory.subarray(0, numbers.length)];
    };
    return [run(plainKernel()), run(simdKernel())];
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
        const [size, width] = [padded(rows) * rank, rank + extra];
        const count = 2 * size + padded(rows) * width;
        return [count, (kernel) => kernel.perturb(0, size, 2 * size, padded(rows), rank, width, factor)];
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
        const [plain, fast] = both(numbers(count, drawn), use);
        expect(fast).toEqual(plain);
      }),
      { seed: 1, numRuns: 300 },
    );
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

describe('who has which kernel when', () => {
  const problem = (noise?: () => void): DescentOptions => ({
    target: gaussian(7, 6, 'M'),
    start: { X: gaussian(7, 2, 'X'), Y: gaussian(6, 2, 'Y') },
    stepSize: 1 / 64,
    noise: {
      sigma1: 1 / 4,
      sigma2: 1 / 4,
      source: ((own) => ({
        fill: (out) => {
          noise?.();
          own.fill(out);
        },
      }))(gaussianNoise('xi')),
    },
  });
  const alone = (steps: number): Matrix => {
    const descent = perturbedGradientDescent(problem());
    descent.advance(steps);
    return stacked(descent);
  };

  test('descents that take turns do not meet, whatever their sizes', () => {
    const descents = [1, 5, 120].map((d) =>
      perturbedGradientDescent({
        target: gaussian(d, d, 'M'),
        start: { X: gaussian(d, 1, 'X'), Y: gaussian(d, 1, 'Y') },
        stepSize: 1 / 64,
      }),
    );
    const own = perturbedGradientDescent(problem());
    for (const other of descents) {
      own.advance(1);
      other.advance(2);
    }
    expect(stacked(own)).toEqual(alone(3));
  });

  test('a descent whose noise runs another one in the middle of a step', () => {
    const other = perturbedGradientDescent(problem());
    const own = perturbedGradientDescent(problem(() => other.advance(1)));
    own.advance(3);
    expect(stacked(own)).toEqual(alone(3));
    expect(stacked(other)).toEqual(alone(6));
  });

  test('noise that looks at the descent sees where it is', () => {
    const seen: Matrix[] = [];
    const own = perturbedGradientDescent(problem(() => seen.push(stacked(own))));
    own.advance(3);
    expect(seen).toEqual([0, 0, 1, 1, 2, 2].map(alone));
  });

  test('noise that fails leaves the descent where it was, and others go on', () => {
    let calls = 0;
    const own = perturbedGradientDescent(
      problem(() => {
        calls++;
        if (calls === 4) throw new Error('no more noise');
      }),
    );
    expect(() => own.advance(3)).toThrow('no more noise');
    expect(stacked(own)).toEqual(alone(1));
    expect(alone(2)).toEqual(alone(2));
  });

  test('a kernel that is given back is lent again', () => {
    const kernel = fastKernels.take(1);
    fastKernels.giveBack(kernel);
    expect(fastKernels.take(2)).toBe(kernel);
    fastKernels.giveBack(kernel);
  });

  test('the plain one steps where there is no WebAssembly, and where its memory is too small', () => {
    expect(kernelsFor(2 ** 29)).toBe(fastKernels);
    expect(kernelsFor(2 ** 29 + 1)).toBe(plainKernels);
    vi.stubGlobal('WebAssembly', undefined);
    try {
      expect(Object.keys(fastest())).toEqual(Object.keys(plainKernel()));
    } finally {
      vi.unstubAllGlobals();
    }
    expect(Object.keys(fastest())).toEqual(Object.keys(simdKernel()));
    expect(Object.keys(simdKernel())).not.toEqual(Object.keys(plainKernel()));
  });
});

describe('thin factors', () => {
  const ofRank = (d1: number, d2: number, k: number, seed = 'target'): Matrix =>
    gaussian(d1, k, `${seed} U`).mmul(gaussian(d2, k, `${seed} V`).transpose());

  test.each([
    [3, 3, 1],
    [4, 6, 1],
    [10, 8, 3],
    [8, 10, 3],
    [40, 40, 7],
    [300, 20, 5],
  ])('%i x %i of rank %i: they are exact up to rounding, orthonormal, and as many', (d1, d2, k) => {
    const M = ofRank(d1, d2, k);
    const { L, V } = thinFactors(M)!;
    expect([L.length, V.length]).toEqual([k, k]);
    const [left, right] = [new Matrix(L).transpose(), new Matrix(V).transpose()];
    // The product itself is off by k u times the sum of its terms' sizes, which is at most sqrt(k) |M|.
    const allowed = (Math.min(d1, d2) + 4) / 2 + k ** 1.5;
    expect(left.mmul(right.transpose()).sub(M).norm()).toBeLessThanOrEqual(allowed * u * M.norm());
    expect(right.transpose().mmul(right).sub(Matrix.eye(k)).norm()).toBeLessThanOrEqual((d2 + k) * u);
    // The columns of L are orthogonal up to rounding of the size of M.
    const gram = left.transpose().mmul(left);
    expect(gram.sub(Matrix.diag(gram.diagonal())).norm()).toBeLessThanOrEqual(16 * (d1 + d2) * u * M.norm() ** 2);
  });

  test.each([
    ['too small to gain', 2, 2, 1],
    ['a rank too large to gain', 8, 8, 4],
    ['a rank too large for its rounding', 40, 40, 8],
    ['the same, where only one side is short', 40, 8, 4],
    ['full rank', 6, 5, 5],
  ])('none: %s', (_, d1, d2, k) => {
    expect(thinFactors(ofRank(d1, d2, k))).toBeUndefined();
  });

  test('none: what is left is more than rounding', () => {
    const withSecond = (size: number): Matrix => {
      const M = Matrix.zeros(5, 5);
      M.set(1, 2, 3);
      M.set(4, 4, 3 * size);
      return M;
    };
    // (min(d1, d2) + 4) / 2 = 4.5 units may be left.
    expect(thinFactors(withSecond(4 * u))).toBeDefined();
    expect(thinFactors(withSecond(5 * u))).toBeUndefined();
  });

  test('what is left is at most what is allowed, where factors are given at all', () => {
    // Targets of rank 3 and 5 or 6 units of something else, where (min(d1, d2) + 4) / 2 = 6 are allowed.
    const refused = Array.from({ length: 60 }, (_, n) => {
      const [M, other] = [ofRank(8, 8, 3, `${n}`), gaussian(8, 8, `${n} N`)];
      M.add(Matrix.mul(other, ((5 + (n % 2)) * u * M.norm()) / other.norm()));
      const factors = thinFactors(M);
      const rest = M.clone();
      factors?.L.forEach((l, k) => rest.sub(Matrix.columnVector(l).mmul(Matrix.rowVector(factors.V[k]!))));
      if (factors !== undefined) expect(rest.norm()).toBeLessThanOrEqual(6 * u * M.norm() * (1 + 1e-12));
      return factors === undefined;
    });
    expect(new Set(refused)).toEqual(new Set([true, false]));
  });

  test('none: numbers whose squares underflow or overflow, and zeros', () => {
    for (const scale of [2 ** -460, 0, 2 ** 600]) expect(thinFactors(Matrix.ones(5, 5).mul(scale))).toBeUndefined();
    for (const scale of [2 ** -440, 2 ** 500]) expect(thinFactors(Matrix.ones(5, 5).mul(scale))).toBeDefined();
  });

  test('singular values of very different size', () => {
    const [A, B] = [ofRank(12, 10, 1, 'large'), ofRank(12, 10, 1, 'small')];
    const M = Matrix.add(A, B.mul(2 ** -40));
    const { L, V } = thinFactors(M)!;
    expect(Math.hypot(...L[1]!) / Math.hypot(...L[0]!)).toBeLessThan(2 ** -36);
    expect(Math.abs(V[0]!.reduce((sum, x, j) => sum + x * V[1]![j]!, 0))).toBeLessThan(12 * u);
  });
});

describe('a step by whichever form is right to rounding', () => {
  const cases: [string, number, number, number, Matrix][] = [
    ['thin', 5, 5, 1, Matrix.mul(gaussian(5, 1, 'u').mmul(gaussian(5, 1, 'v').transpose()), 4)],
    ['thin', 10, 8, 3, gaussian(10, 3, 'u').mmul(gaussian(8, 3, 'v').transpose())],
    ['thin', 9, 30, 2, gaussian(9, 2, 'u').mmul(gaussian(30, 2, 'v').transpose())],
    ['dense', 5, 5, 1, gaussian(5, 5, 'M')],
    ['dense', 7, 3, 2, gaussian(7, 3, 'M')],
    ['dense', 6, 6, 4, gaussian(6, 6, 'M')],
    ['dense', 6, 6, 1, Matrix.add(Matrix.ones(6, 6), gaussian(6, 6, 'M').mul(2 ** -45))],
    ['dense', 4, 4, 1, Matrix.zeros(4, 4)],
  ];
  test.each(cases)('%s, %i x %i, r = %i', (form, d1, d2, r, M) => {
    expect(thinFactors(M) === undefined ? 'dense' : 'thin').toBe(form);
    const at = { X: gaussian(d1, r, 'X'), Y: gaussian(d2, r, 'Y') };
    const [eta, sigma1, sigma2, block] = [1 / 8, 1 / 2, 1 / 4, new Float64Array((d1 + d2) * r)];
    gaussianNoise('xi').fill(block);
    const descent = perturbedGradientDescent({
      target: M,
      start: at,
      stepSize: eta,
      noise: { sigma1, sigma2, source: scriptedNoise(block) },
    });
    descent.advance(1);
    const want = exactStep(M, at, { eta, sigma1, sigma2 }, block);
    // Half of what two computations may be apart.
    const allowed = stepRounding(M, at, perturb(at, { sigma1, sigma2 }, block), eta) / 2;
    expect(Matrix.sub(stacked(descent), stacked(want)).norm()).toBeLessThanOrEqual(allowed);
  });

  test('scaled by powers of 2 it is the same to the last bit', () => {
    const run = (c: number): number[] => {
      const descent = perturbedGradientDescent({
        target: matrix([
          [1, 2, 3, 4],
          [2, 4, 6, 8],
          [3, 6, 9, 12],
          [0.3, 0.6, 0.9, 1.2],
        ]).mul(c ** 2),
        start: { X: gaussian(4, 2, 'X').mul(c), Y: gaussian(4, 2, 'Y').mul(c) },
        stepSize: 2 ** -7 / c ** 2,
        noise: { sigma1: c / 4, sigma2: c / 8, source: gaussianNoise('xi') },
      });
      descent.advance(20);
      return stacked(descent)
        .mul(1 / c)
        .to1DArray();
    };
    expect(run(2)).toEqual(run(1));
    expect(run(2 ** -9)).toEqual(run(1));
  });
});
