/** Judges the solver by the claims, one test per claim, in the vitest suite of the project that it belongs to. */
import { describeClaims } from 'flat-minima/properties';
import mySolver from './my-solver.ts';

describeClaims(mySolver, { claims: ['definition', 'contract', 'balance/emerges'], instances: 20 });
