/** Every claim, in the order of the theory. */
import { InvalidInput } from '../../src/errors.ts';
import { isProof } from '../model/proofs.ts';
import type { Altered, Claim } from '../model/claim.ts';
import * as antiPgd from './anti-pgd/anti-pgd.ts';
import * as balance from './balance/balance.ts';
import * as balanceLocal from './balance/local.ts';
import * as balanceMartingale from './balance/martingale.ts';
import * as balanceRates from './balance/rates.ts';
import * as balanceSquaresAlone from './balance/squares-alone.ts';
import * as contract from './contract/contract.ts';
import * as contractCalls from './contract/calls.ts';
import * as deepFlatness from './deep/flatness.ts';
import * as deepLimit from './deep/limit.ts';
import * as deepMinimiser from './deep/minimiser.ts';
import * as deepSmoothing from './deep/smoothing.ts';
import * as deepSteps from './deep/steps.ts';
import * as ding from './ding/ding.ts';
import * as dominance from './dominance/dominance.ts';
import * as du from './du/du.ts';
import * as definition from './definition/definition.ts';
import * as escape from './escape/escape.ts';
import * as escapeSaddles from './escape/saddles.ts';
import * as experiments from './experiments/experiments.ts';
import * as flatness from './flatness/flatness.ts';
import * as flatnessExtremes from './flatness/extremes.ts';
import * as flatnessLimits from './flatness/limits.ts';
import * as flatnessSelection from './flatness/selection.ts';
import * as flatnessUniqueness from './flatness/uniqueness.ts';
import * as gd from './gd/gd.ts';
import * as gdImbalance from './gd/imbalance.ts';
import * as gdLargeStep from './gd/large-step.ts';
import * as gdLimit from './gd/limit.ts';
import * as landscape from './landscape/landscape.ts';
import * as landscapeSaddles from './landscape/saddles.ts';
import * as landscapeUnsmoothed from './landscape/unsmoothed.ts';
import * as largeStepBorder from './large-step/border.ts';
import * as largeStepCycles from './large-step/cycles.ts';
import * as largeStepInvariants from './large-step/invariants.ts';
import * as law from './law/law.ts';
import * as lawSamples from './law/samples.ts';
import * as lee from './lee/lee.ts';
import * as leeInexact from './lee/inexact.ts';
import * as leeRank from './lee/rank.ts';
import * as limit from './limit/limit.ts';
import * as limitConvex from './limit/convex.ts';
import * as limitMinimiser from './limit/minimiser.ts';
import * as limitNoise from './limit/noise.ts';
import * as momentum from './momentum/momentum.ts';
import * as noise from './noise/noise.ts';
import * as noiseLabels from './noise/labels.ts';
import * as noiseSharpness from './noise/sharpness.ts';
import * as noiseSharpnessRanks from './noise/sharpness-ranks.ts';
import * as paths from './paths/paths.ts';
import * as pathsModes from './paths/modes.ts';
import * as orvieto from './orvieto/orvieto.ts';
import * as orvietoOthers from './orvieto/other-problems.ts';
import * as reduced from './reduced/reduced.ts';
import * as reducedLaw from './reduced/law.ts';
import * as scale from './scale/scale.ts';
import * as smoothing from './smoothing/smoothing.ts';
import * as sensing from './sensing/sensing.ts';
import * as sensingRecovery from './sensing/recovery.ts';
import * as symmetric from './symmetric/symmetric.ts';
import * as symmetricLimits from './symmetric/limits.ts';
import * as symmetry from './symmetry/symmetry.ts';
import * as wardKolda from './ward-kolda/ward-kolda.ts';
import * as wardKoldaSteps from './ward-kolda/steps.ts';
import * as yeDu from './ye-du/ye-du.ts';
import * as yeDuSteps from './ye-du/steps.ts';
import { misdeclared } from '../run/chance.ts';
import { currentNames } from './renamed.ts';
import { statements } from './statements.ts';

/** The part of an id before the slash. */
export function familyOf({ id }: Pick<Claim, 'id'>): string {
  return id.split('/')[0]!;
}

const families: readonly object[] = [
  definition,
  contract,
  contractCalls,
  smoothing,
  balance,
  balanceRates,
  balanceLocal,
  balanceMartingale,
  balanceSquaresAlone,
  law,
  lawSamples,
  limit,
  limitMinimiser,
  limitConvex,
  limitNoise,
  landscape,
  landscapeSaddles,
  landscapeUnsmoothed,
  escape,
  escapeSaddles,
  gd,
  gdImbalance,
  gdLimit,
  gdLargeStep,
  symmetry,
  flatness,
  flatnessExtremes,
  flatnessUniqueness,
  flatnessSelection,
  flatnessLimits,
  reduced,
  reducedLaw,
  scale,
  noise,
  noiseLabels,
  noiseSharpness,
  noiseSharpnessRanks,
  largeStepInvariants,
  largeStepBorder,
  largeStepCycles,
  paths,
  pathsModes,
  antiPgd,
  momentum,
  yeDu,
  yeDuSteps,
  wardKolda,
  wardKoldaSteps,
  ding,
  orvieto,
  orvietoOthers,
  lee,
  leeInexact,
  leeRank,
  du,
  dominance,
  symmetric,
  symmetricLimits,
  deepSteps,
  deepSmoothing,
  deepFlatness,
  deepMinimiser,
  deepLimit,
  sensing,
  sensingRecovery,
  experiments,
];

// A claim's check takes the instances of its own arbitrary only; the judge never crosses them.
const inOrder = families.flatMap((family) => Object.values(family) as Claim[]);
// A family whose claims are in files of other families is listed in one piece.
const names = [...new Set(inOrder.map(familyOf))];
export const claims: readonly Claim[] = admitted(
  names.flatMap((name) => inOrder.filter((claim) => familyOf(claim) === name)),
);

/**
 * The derived claims: the ablation `id#2` drops the second hypothesis and must be refuted, the tightness check `id#tight`
 * asserts equality on the instances that attain the bound.
 */
export function derivedFrom(claim: Claim): readonly Claim[] {
  const ablations = claim.hypotheses.flatMap((hypothesis, i) =>
    typeof hypothesis === 'string'
      ? []
      : [
          altered(claim, String(i + 1), hypothesis.ablation, {
            statement: `False without "${hypothesis.text}": ${claim.statement}`,
            expected: 'refuted',
          }),
        ],
  );
  const { bound } = claim;
  if (typeof bound === 'string') return ablations;
  return [
    ...ablations,
    altered(claim, 'tight', bound.on, { statement: `With equality ${bound.tight}: ${claim.statement}` }),
  ];
}

function altered(claim: Claim, suffix: string, by: Altered, changes: Partial<Claim>): Claim {
  return {
    ...claim,
    ...changes,
    id: `${claim.id}#${suffix}`,
    instances: by.instances ?? claim.instances,
    check: (solver, instance) => (by.check === undefined ? claim.check(solver, instance) : by.check(solver, instance)),
  };
}

export const isDerived = ({ id }: Pick<Claim, 'id'>): boolean => id.includes('#');

const byId = new Map([...claims, ...claims.flatMap(derivedFrom)].map((claim) => [claim.id, claim]));

/** The claim or derived claim with the id, or with the id that it had in the version before. */
export const claimOf = (id: string): Claim | undefined => byId.get(id) ?? byId.get(currentNames(id)[0]!);

/** The claims with the given ids, ids of derived claims and families, in the registry's order; all claims if no name is given. */
export function select(named: readonly string[]): readonly Claim[] | { unknown: string } {
  const names = named.flatMap(currentNames);
  const unknown = names.find((name) => !byId.has(name) && !claims.some((claim) => familyOf(claim) === name));
  if (unknown !== undefined) return { unknown };
  return names.length === 0
    ? claims
    : [...byId.values()].filter(
        (claim) => names.includes(claim.id) || (!isDerived(claim) && names.includes(familyOf(claim))),
      );
}

/** Refuses claims that a reader could not find, follow or trust. */
function admitted(all: readonly Claim[]): readonly Claim[] {
  const found = defects(all);
  if (found.length > 0) throw new InvalidInput(`the registry refuses: ${found.join('; ')}`);
  return all;
}

/** The defects of the claims, one sentence each. */
export function defects(all: readonly Claim[]): string[] {
  const known = new Set(statements.map(({ number }) => number));
  const ofClaims = all.flatMap((claim, index) => [
    ...(all.findIndex(({ id }) => id === claim.id) < index ? [`two claims have the id ${claim.id}`] : []),
    ...(/^[a-z0-9-]+\/[a-z0-9-]+$/.test(claim.id) ? [] : [`the id ${claim.id} is not of the form family/name`]),
    ...(/^[A-Z].*\.$/.test(claim.statement) ? [] : [`${claim.id} has no statement that is a sentence`]),
    ...(claim.hypotheses.length > 0 ? [] : [`${claim.id} has no hypotheses: say [NONE]`]),
    ...(claim.source === '' ? [`${claim.id} has no source`] : []),
    ...(claim.proof === '' ? [`${claim.id} has no proof`] : []),
    ...(claim.proof !== '' && !isProof(claim.proof)
      ? [
          `${claim.id} has its proof at #${claim.proof}, which \`CHAPTERS\` in properties/model/proofs.ts does not list: add it there, in the order of the file`,
        ]
      : []),
    ...(claim.items.length > 0 ? [] : [`${claim.id} belongs to no numbered statement`]),
    ...claim.items
      .filter((item) => !known.has(item))
      .map((item) => `${claim.id} names statement ${item}, which does not exist`),
  ]);
  return [...ofClaims, ...all.flatMap(misdeclared)];
}
