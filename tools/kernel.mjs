// The kernel of src/kernel/assembly, compiled by AssemblyScript.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';

export const MODULE = 'src/kernel/module.ts';
const FOLDER = 'src/kernel/assembly';
// 112: a function of the sources that takes a vector could be exported, where few embeddings take one; none of them is.
const OPTIONS = [
  '-O3',
  '--disableWarning=112',
  '--noAssert',
  '--runtime=stub',
  '--enable=simd',
  '--initialMemory=2',
  '--outFile=module.wasm',
];
const COMPILER = 'node_modules/assemblyscript/package.json';

/** The required contents of MODULE. Throws if the source is wrong; the errors are on stderr then. */
export async function compiledKernel() {
  const { default: asc } = await import('assemblyscript/asc');
  let bytes;
  const writeFile = (_, contents) => {
    bytes = contents;
  };
  const { error } = await asc.main([`${FOLDER}/index.ts`, ...OPTIONS], { stderr: process.stderr, writeFile });
  if (error) throw error;
  return kept(Buffer.from(bytes).toString('base64'));
}

/** A module as it is kept, with a hash of it and of what makes it: compiler, options, and the sources as they are now. */
export function kept(base64) {
  const { version } = JSON.parse(readFileSync(COMPILER, 'utf8'));
  const sources = readdirSync(FOLDER).filter((name) => name.endsWith('.ts'));
  const texts = sources.sort().map((name) => readFileSync(`${FOLDER}/${name}`, 'utf8'));
  const hash = createHash('sha256');
  for (const part of [version, ...OPTIONS, ...texts, base64]) hash.update(`${part}\0`);
  return `/** assembly, compiled by \`npm run build\` (${hash.digest('hex').slice(0, 16)}). */
export const MODULE =
  '${base64}';
`;
}
