/** The kernel in plain TypeScript: the reference for the other one, and the fallback without WebAssembly. */
import { fillNormal } from './normal.ts';
import { place, type Kernel } from './kernel.ts';
import { read, type Plan, type FactorState } from './plan.ts';

/** Sums are added up in the order in which two numbers at a time are, so that both kernels round alike. */
export function plainKernel(): Kernel {
  let memory = new Float64Array(0);

  /** Column a of a panel with column b: even rows and odd rows apart, both from the first to the last. */
  function inner(a: number, b: number, rows: number, width: number): number {
    let even = 0;
    let odd = 0;
    for (let row = 0; row < rows; row += 4, a += 4 * width, b += 4 * width) {
      even += memory[a]! * memory[b]! + memory[a + 2]! * memory[b + 2]!;
      odd += memory[a + 1]! * memory[b + 1]! + memory[a + 3]! * memory[b + 3]!;
    }
    return even + odd;
  }

  const kernel: Kernel = {
    get memory() {
      return memory;
    },
    holder: 0,
    reserve(count) {
      if (count <= memory.length) return;
      const larger = new Float64Array(count);
      larger.set(memory);
      memory = larger;
    },
    perturb(at, xi, panel, dimension, rank, width, sigma) {
      for (let i = 0, from = 0; i < dimension; i++) {
        for (let k = 0; k < rank; k++, from++) {
          memory[panel + place(i, k, width)] = memory[at + from]! + sigma * memory[xi + from]!;
        }
      }
    },
    crossProducts(panel, rows, width, columns, rank, out) {
      for (let a = 0, to = out; a < columns; a++) {
        for (let b = 0; b < rank; b++, to++) memory[to] = inner(panel + 4 * a, panel + 4 * b, rows, width);
      }
    },
    subtractProduct(at, panel, rows, width, coefficients, rank, stepSize) {
      let areFinite = true;
      for (let i = 0, to = at; i < rows; i++) {
        for (let k = 0; k < rank; k++, to++) {
          let sum = 0;
          // From the last column to the first: those pass through few roundings (docs/theory/setting.md#residual-free).
          for (let j = width - 1; j >= 0; j--) {
            sum += memory[panel + place(i, j, width)]! * memory[coefficients + j * rank + k]!;
          }
          memory[to]! -= stepSize * sum;
          areFinite &&= Number.isFinite(memory[to]);
        }
      }
      return Number(areFinite);
    },
    triangularise(at, rows, rank) {
      const end = at + rows * rank;
      for (let j = 0, corner = at; j < rank; j++, corner += rank + 1) {
        const below = corner + rank;
        let squares = 0;
        for (let i = corner; i < end; i += rank) squares += memory[i]! * memory[i]!;
        // A column of zeros needs no reflection.
        if (squares === 0) continue;
        if (!(squares < Infinity)) return 0;
        const first = memory[corner]!;
        // With the other sign first - diagonal would cancel.
        const diagonal = first > 0 ? -Math.sqrt(squares) : Math.sqrt(squares);
        // The reflector v is the column with its first entry changed to first - diagonal; v'v / 2 = squares - first diagonal.
        const head = first - diagonal;
        const half = squares - first * diagonal;
        for (let column = 1; column < rank - j; column++) {
          let dot = head * memory[corner + column]!;
          for (let i = below; i < end; i += rank) dot += memory[i]! * memory[i + column]!;
          const factor = dot / half;
          memory[corner + column]! -= factor * head;
          for (let i = below; i < end; i += rank) memory[i + column]! -= factor * memory[i]!;
        }
        memory[corner] = diagonal;
        for (let i = below; i < end; i += rank) memory[i] = 0;
      }
      return 1;
    },
    descend(plan, steps, state) {
      const own = read(memory, plan);
      const noise = [own.x, own.y].map(({ xi, dimension }) => memory.subarray(xi, xi + dimension * own.rank));
      for (let step = 1; step <= steps; step++) {
        if (state !== undefined) noise.forEach((xi) => fillNormal(state, xi));
        if (!advanceOnce(kernel, own)) return step;
      }
      return 0;
    },
    fillNormal,
  };
  return kernel;
}

/** Whether all is finite then. */
function advanceOnce(kernel: Kernel, { rank, stepSize, isThin, x, y }: Plan): boolean {
  kernel.perturb(x.at, x.xi, x.panel, x.dimension, rank, x.width, x.sigma);
  kernel.perturb(y.at, y.xi, y.panel, y.dimension, rank, y.width, y.sigma);
  prepare(kernel, x, y, rank, isThin);
  prepare(kernel, y, x, rank, isThin);
  const fineX = kernel.subtractProduct(x.at, x.panel, x.rows, x.width, x.coefficients, rank, stepSize);
  const fineY = kernel.subtractProduct(y.at, y.panel, y.rows, y.width, y.coefficients, rank, stepSize);
  return fineX === 1 && fineY === 1;
}

/** The coefficients of x: Y~'Y~ above V'Y~ if the target has thin factors, and above Y~ if not. */
function prepare(kernel: Kernel, x: FactorState, y: FactorState, rank: number, isThin: boolean): void {
  const { dimension, rows, panel, width } = y;
  kernel.crossProducts(panel, rows, width, isThin ? width : rank, rank, x.coefficients);
  if (isThin) return;
  for (let i = 0, to = x.coefficients + rank * rank; i < dimension; i++) {
    for (let k = 0; k < rank; k++, to++) kernel.memory[to] = kernel.memory[panel + place(i, k, width)]!;
  }
}
