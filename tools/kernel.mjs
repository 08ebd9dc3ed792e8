// The kernel of src/kernel/assembly, compiled by AssemblyScript.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

export const MODULE = 'src/kernel/module.ts';
const SOURCE = 'src/kernel/assembly/simd.ts';
const OPTIONS = ['-O3', '--noAssert', '--runtime=stub', '--enable=simd', '--outFile=module.wasm'];
const COMPILER = 'node_modules/assemblyscript/package.json';

/** The required contents of MODULE. Throws if the source is wrong; the errors are on stderr then. */
export async function compiledKernel() {
  const { default: asc } = await import('assemblyscript/asc');
  let bytes;
  const writeFile = (_, contents) => {
    bytes = contents;
  };
  const { error } = await asc.main([SOURCE, ...OPTIONS], { stderr: process.stderr, writeFile });
  if (error) throw error;
  return kept(Buffer.from(bytes).toString('base64'));
}

/** A module as it is kept, with a hash of it and of what makes it: compiler, options, and the source as it is now. */
export function kept(base64) {
  const { version } = JSON.parse(readFileSync(COMPILER, 'utf8'));
  const hash = createHash('sha256');
  for (const part of [version, ...OPTIONS, readFileSync(SOURCE, 'utf8'), base64]) hash.update(`${part}\0`);
  return `/** assembly/simd.ts, compiled by \`npm run build\` (${hash.digest('hex').slice(0, 16)}). */
export const MODULE =
  '${base64}';
`;
}
