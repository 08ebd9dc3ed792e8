// `npm run build`: the WebAssembly kernel, which is committed in src; the package, JavaScript and the type declarations
// that its entries need; and the API reference in dist/api, which fails if an export is not documented.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { compiledKernel, MODULE } from './kernel.mjs';

writeFileSync(MODULE, await compiledKernel());
rmSync('dist', { recursive: true, force: true });
// The declarations contain the documentation, so the JavaScript has no comments.
run('typescript/bin/tsc', '-p', 'tsconfig.build.json', '--declaration', 'false', '--removeComments');
run('typescript/bin/tsc', '-p', 'tsconfig.build.json', '--emitDeclarationOnly');
keepDeclarations(entryDeclarations());
run('typedoc/bin/typedoc', '--logLevel', 'Warn');

function run(tool, ...args) {
  const { status } = spawnSync(process.execPath, [join('node_modules', tool), ...args], { stdio: 'inherit' });
  if (status !== 0) process.exit(1);
}

/** The declarations that package.json names. */
function entryDeclarations() {
  const { exports } = JSON.parse(readFileSync('package.json', 'utf8'));
  return Object.values(exports).flatMap(({ types }) => (types === undefined ? [] : [join(types)]));
}

/** Deletes the declarations that no entry imports; in the others, imports name the JavaScript next to them. */
function keepDeclarations(entries) {
  const reached = new Set(entries);
  for (const file of reached) {
    const text = readFileSync(file, 'utf8').replace(/(?<=(?:from |import\()'\.{1,2}\/[^']*)\.ts(?=')/g, '.js');
    writeFileSync(file, text);
    for (const [, path] of text.matchAll(/(?:from |import\()'(\.{1,2}\/[^']*)\.js'/g)) {
      reached.add(`${join(dirname(file), path)}.d.ts`);
    }
  }
  const all = readdirSync('dist', { recursive: true, encoding: 'utf8' }).map((name) => join('dist', name));
  for (const file of all.filter((name) => name.endsWith('.d.ts') && !reached.has(name))) rmSync(file);
}
