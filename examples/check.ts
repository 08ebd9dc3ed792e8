/** Judges the solver by some of the claims, from a program. */
import { verify } from 'flat-minima/verify';
import mySolver from './my-solver.ts';

const { holds, text } = await verify({ solver: mySolver, claims: ['definition', 'balance/emerges'], instances: 20 });
console.log(text);
process.exitCode = holds ? 0 : 1;
