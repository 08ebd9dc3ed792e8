/** docs/solvers.md, from the results. */
import { markdownTable } from '../../cli/markdown.ts';
import { describedIn, type List, type Listed } from './list.ts';
import type { Counts, Result } from './measure.ts';

const HEAD = `# Solvers that were judged

Written by \`npm run solvers\`, which installs each library in a folder of its own, runs \`npm run verify\` on it and times its
steps; [examples/solvers.json](../examples/solvers.json) lists them. \`npm run solvers -- NumPy sam\` does so for two of them.
`;

const LIBRARIES = `## Libraries

Perturbed gradient descent as the users of a library write it. A step is at 10 x 8 and r = 3, its noise included. The claims
allow for the rounding of float64; the last column has the verdicts with the precision declared (--precision), if
it is another. A false form holds if it is refuted.
`;

const VARIANTS = `## Variants

Each is something else than perturbed gradient descent: optimisers as libraries have them, and the algorithms in
public code of neighbouring papers.
`;

const NOT_RUN = '\u2013';

/** Results by the name of their solver. */
export type Results = ReadonlyMap<string, Result>;

export function document({ libraries, variants }: List, results: Results): string {
  return [
    HEAD,
    LIBRARIES,
    markdownTable(
      [
        'solver',
        'version',
        'precision',
        'ns a step',
        'instances',
        'hold',
        'refuted',
        'not applicable',
        'not decided',
        'diagnosis',
        'at its precision',
      ],
      libraries.map((listed) => libraryRow(listed, results.get(listed.name))),
    ),
    '',
    VARIANTS,
    markdownTable(
      ['variant', 'description', 'hold', 'refuted', 'not applicable', 'not decided', 'diagnosis'],
      variants.map((listed) => variantRow(listed, results.get(listed.name))),
    ),
    '',
  ].join('\n');
}

function libraryRow(listed: Listed, result: Result | undefined): string[] {
  const { version, nanoseconds, instances } = result ?? {};
  const about = [linked(listed), version ?? NOT_RUN, listed.precision];
  const time = nanoseconds === undefined ? NOT_RUN : String(Number(nanoseconds.toPrecision(2)));
  return [
    ...about,
    time,
    String(instances ?? NOT_RUN),
    ...verdicts(result?.counts),
    said(result),
    atItsPrecision(result),
  ];
}

function variantRow(listed: Listed, result: Result | undefined): string[] {
  const file = 'module' in listed ? listed.module : '';
  return [linked(listed), describedIn(file), ...verdicts(result?.counts), said(result)];
}

/** The diagnosis; empty for a solver that no claim refutes. */
function said(result: Result | undefined): string {
  const { instead, refuted = 0 } = result?.counts ?? {};
  return instead ?? (refuted === 0 ? NOT_RUN : 'not named');
}

const linked = (listed: Listed): string => {
  const file = 'module' in listed ? listed.module : 'program' in listed ? listed.program : undefined;
  return file === undefined ? listed.name : `[${listed.name}](../examples/${file})`;
};

const verdicts = (counts: Counts | undefined): string[] =>
  counts === undefined
    ? Array<string>(4).fill(NOT_RUN)
    : [counts.holds, counts.refuted, counts.notApplicable, counts.other].map(String);

const atItsPrecision = (result: Result | undefined): string =>
  result?.withOptions === undefined
    ? NOT_RUN
    : `${result.withOptions.holds} hold, ${result.withOptions.refuted} refuted, ${result.withOptions.other} not decided`;
