/** The colours of the page, read from its style sheet, so that they are defined once. */
import { readFileSync } from 'node:fs';

export type Scheme = 'light' | 'dark';

const sheet = readFileSync(new URL('report.css', import.meta.url), 'utf8');
const [first, second] = [...sheet.matchAll(/:root \{([^}]*)\}/g)].map(([, block]) => colours(block!));

/** Names of colours with their values; the dark scheme changes all of the light one's. */
export const palette: Readonly<Record<Scheme, Readonly<Record<string, string>>>> = { light: first!, dark: second! };

function colours(block: string): Record<string, string> {
  return Object.fromEntries(
    [...block.matchAll(/--([a-z]+): (#[0-9a-f]{3,6});/g)].map(([, name, value]) => [name!, value!]),
  );
}
