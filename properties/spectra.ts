/** Eigenvalues of dense symmetric matrices, such as the Hessian: what closed formulas are held against. */
import { EVD, type Matrix } from 'ml-matrix';
import type { Given } from './design.ts';
import { u } from './rounding.ts';

/** Why a given target is too large for a dense Hessian, if it is. */
export const tooLarge = ({ target, rank }: Given): string | undefined =>
  (target.length + target[0]!.length) * rank > 64 ? 'its Hessian is dense: it needs (d1 + d2) r <= 64' : undefined;

/** Smallest first. */
export const eigenvalues = (H: Matrix): number[] =>
  new EVD(H, { assumeSymmetric: true }).realEigenvalues.sort((a, b) => a - b);

/** Backward stable eigenvalues are off by a modest multiple of n u |H|; as much again is for the entries of H. */
export const spectralRounding = (H: Matrix): number => 8 * H.rows * u * H.norm();
