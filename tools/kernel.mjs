// The kernel of src/kernel/assembly, compiled by AssemblyScript.

export const MODULE = 'src/kernel/module.ts';
const SOURCE = 'src/kernel/assembly/simd.ts';
const OPTIONS = ['-O3', '--noAssert', '--runtime=stub', '--enable=simd', '--outFile=module.wasm'];

/** What MODULE has to hold. Throws where the source is wrong; what is wrong is on stderr then. */
export async function compiledKernel() {
  const { default: asc } = await import('assemblyscript/asc');
  let bytes;
  const writeFile = (_, contents) => {
    bytes = contents;
  };
  const { error } = await asc.main([SOURCE, ...OPTIONS], { stderr: process.stderr, writeFile });
  if (error) throw error;
  return `/** assembly/simd.ts, compiled by \`npm run build\`. */
export const MODULE =
  '${Buffer.from(bytes).toString('base64')}';
`;
}
