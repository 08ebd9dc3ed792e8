// The kernel of src/kernel/assembly, compiled by AssemblyScript.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';

export const MODULE = 'src/kernel/module.ts';
const FOLDER = 'src/kernel/assembly';
// 112: the warning that an exported function with a vector argument fails in most embeddings; no such function is
// exported.
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

/** The committed form of a module, with a hash of it and of its inputs: compiler, options and sources. */
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
