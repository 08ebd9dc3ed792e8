/** Claims that had other ids in the version before: the old ids work for one version more. */

/** The family that was split; its ids without it, with the present ones. */
const SPLIT = 'neighbours';
const RENAMED: Readonly<Record<string, string>> = {
  'ye-du-blocks': 'ye-du/blocks',
  'ye-du-shrink': 'ye-du/shrink',
  'ye-du-global': 'ye-du/global',
  'column-space': 'ward-kolda/column-space',
  'alternating-step': 'ward-kolda/step',
  'alternating-residual': 'ward-kolda/residual',
  'ward-kolda-rate': 'ward-kolda/rate',
  'ding-flat': 'ding/flat',
  'one-factor-mean': 'orvieto/mean',
  'one-factor-objective': 'orvieto/objective',
  'one-factor-limit': 'orvieto/limit',
  'other-factor-limit': 'orvieto/other-limit',
  'du-flow': 'du/flow',
  'du-decaying-steps': 'du/decaying-steps',
  'gradient-dominance': 'dominance/folklore',
  'gradient-dominance-square': 'dominance/square',
};

/** The present names for an old name of a family, claim or derived claim; other names are returned unchanged. */
export function currentNames(name: string): readonly string[] {
  const [family, rest = ''] = name.split('/');
  if (family !== SPLIT) return [name];
  if (rest === '') return [...new Set(Object.values(RENAMED).map((id) => id.split('/')[0]!))];
  const [claim, suffix] = rest.split('#');
  const id = RENAMED[claim!];
  return [id === undefined ? name : suffix === undefined ? id : `${id}#${suffix}`];
}

/** A sentence for each name that is an old one. */
export const renamedText = (names: readonly string[]): string[] =>
  names
    .map((name) => [name, currentNames(name)] as const)
    .filter(([name, now]) => now[0] !== name)
    .map(([name, now]) => `${name} is now called ${now.join(', ')}: the old name works in this version only.`);
