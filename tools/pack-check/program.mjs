// Use of the package in a JavaScript program; it may print only the last line.
import assert from 'node:assert/strict';
import { Matrix, perturbedGradientDescent } from 'flat-minima';
import { study } from 'flat-minima/study';
import { claims, verify } from 'flat-minima/verify';
import wrong from './wrong.mjs';

assert(claims.length > 100);
assert(new Matrix([[1]]).rows === 1);
const quick = { claims: ['definition'], instances: 5, seed: 1 };

const ours = await verify({ ...quick, solver: perturbedGradientDescent });
assert(ours.holds);
const inWorkers = await verify(quick);
assert.deepEqual(timeless(inWorkers.verdicts), timeless(ours.verdicts));

const refuted = [
  await verify({ ...quick, solver: wrong }),
  await verify({ ...quick, solver: new URL('wrong.mjs', import.meta.url) }),
];
for (const { holds, text, verdicts } of refuted) {
  assert(!holds);
  assert.match(text, /REFUTED {2}definition\/step/);
  assert.equal(verdicts[0].outcome, 'refuted');
}
assert.deepEqual(timeless(refuted[0].verdicts), timeless(refuted[1].verdicts));
await assert.rejects(verify({ claims: ['nonsense'] }), { name: 'InvalidInput' });
const { conclusions, quantities } = await study({ solver: perturbedGradientDescent, units: 1, claims: false });
assert(conclusions.length > 0 && quantities.length > 50);
console.log('all good');

function timeless(verdicts) {
  return verdicts.map((verdict) => ({ ...verdict, milliseconds: 0 }));
}
