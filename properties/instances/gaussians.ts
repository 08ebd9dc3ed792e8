/** Gaussian starts, which an instance derives from its own seed. */
import { Matrix } from 'ml-matrix';
import type { Draft } from '../model/draft.ts';
import { noiseSeed } from '../model/seeds.ts';
import { gaussianNoise } from '../../src/index.ts';

/** Independent matrices of standard normals with r columns, one for each of the given numbers of rows. */
export function gaussians(
  draft: Pick<Draft, 'seed'> & { trial?: number; size: Pick<Draft['size'], 'r'> },
  rows: readonly number[],
  purpose = 'start',
): Matrix[] {
  const normals = gaussianNoise(noiseSeed(draft, purpose));
  return rows.map((count) => {
    const entries = new Float64Array(count * draft.size.r);
    normals.fill(entries);
    return Matrix.from1DArray(count, draft.size.r, entries);
  });
}
