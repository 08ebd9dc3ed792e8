/** A run, step by step. */
import type { Descent, Factors } from '../../src/index.ts';
import { iterate } from '../model/instance.ts';

export interface Transition {
  readonly before: Factors;
  readonly after: Factors;
  /** The step's number, from 1. */
  readonly t: number;
}

/** Each of the next steps of a descent, which takes a step when it is asked for. */
export function* transitions(descent: Descent, steps: number): Generator<Transition> {
  let before = iterate(descent);
  for (let t = 1; t <= steps; t++) {
    descent.advance(1);
    const after = iterate(descent);
    yield { before, after, t };
    before = after;
  }
}
