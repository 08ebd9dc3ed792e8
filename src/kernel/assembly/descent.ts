/** Whole steps of a descent, as plain.ts says. */
import { begun, giveBackRest, numbersOfStep } from './ahead';
import { fillBetween } from './normals';
import { DRAWN } from './places';
import { crossProducts } from './cross-products';
import { address, bytes } from './numbers';
import { perturbBy } from './perturb';
import { subtractProduct } from './subtract-product';

export function drawn(count: i32): void {
  fillBetween(DRAWN, DRAWN + bytes(count));
}

export function descend(plan: i32, steps: i32, isDrawn: bool): i32 {
  const head = address(plan);
  const rank = planned(head, 0);
  const stepSize = f64.load(head, 8);
  const isThin = planned(head, 2) !== 0;
  // All is read before the first step: it has to be converted. plan.ts has the order.
  const x = head + bytes(3);
  const xAt = planned(x, 0);
  const xXi = address(planned(x, 1));
  const xPanel = planned(x, 2);
  const xTo = planned(x, 3);
  const xDimension = planned(x, 4);
  const xRows = planned(x, 5);
  const xWidth = planned(x, 6);
  const xSigma = f64.load(x, 7 * 8);
  const y = x + bytes(8);
  const yAt = planned(y, 0);
  const yPanel = planned(y, 2);
  const yTo = planned(y, 3);
  const yDimension = planned(y, 4);
  const yRows = planned(y, 5);
  const yWidth = planned(y, 6);
  const ySigma = f64.load(y, 7 * 8);
  const xColumns = isThin ? xWidth : rank;
  const yColumns = isThin ? yWidth : rank;
  const ofX = bytes(xDimension * rank);
  if (isDrawn) begun(ofX + bytes(yDimension * rank), xXi);
  for (let step = 1; step <= steps; step++) {
    const xi = isDrawn ? numbersOfStep(steps - step + 1) : xXi;
    perturbBy(address(xAt), xi, address(xPanel), xDimension, rank, xWidth, xSigma);
    perturbBy(address(yAt), xi + ofX, address(yPanel), yDimension, rank, yWidth, ySigma);
    crossProducts(yPanel, yRows, yWidth, yColumns, rank, xTo);
    crossProducts(xPanel, xRows, xWidth, xColumns, rank, yTo);
    if (!isThin) {
      copyRows(yPanel, yDimension, yWidth, rank, xTo + rank * rank);
      copyRows(xPanel, xDimension, xWidth, rank, yTo + rank * rank);
    }
    const fineX = subtractProduct(xAt, xPanel, xRows, xWidth, xTo, rank, stepSize);
    const fineY = subtractProduct(yAt, yPanel, yRows, yWidth, yTo, rank, stepSize);
    if (fineX & fineY) continue;
    if (isDrawn) giveBackRest();
    return step;
  }
  return 0;
}

function planned(part: usize, place: i32): i32 {
  return f64.load(part + bytes(place)) as i32;
}

/** The first columns of a panel, row by row. */
function copyRows(panel: i32, dimension: i32, width: i32, rank: i32, out: i32): void {
  let to = address(out);
  for (let i = 0; i < dimension; i++) {
    let from = address(panel + 4 * width * (i >> 2) + (i & 3));
    for (let k = 0; k < rank; k++, to += 8, from += 32) f64.store(to, f64.load(from));
  }
}
