/** Distribution functions, from a port of R's: exact down to the tails that a suite without false alarms lives in. */
import * as R from 'lib-r-math.js';

/** P(Bin(n, p) <= count). */
// The package's declarations do not resolve under NodeNext; its types are said here.
export const binomialCdf = R.pbinom as unknown as (count: number, n: number, p: number) => number;
