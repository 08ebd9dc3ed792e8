// Lets Node import .ts files. Types are blanked out in place, so line and column numbers (and with them code coverage) stay
// those of the source. Stripped files and compiled code are cached, because every worker thread has to load all modules.
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import * as module from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const CACHE = fileURLToPath(new URL('../node_modules/.cache/flat-minima/', import.meta.url));

// Versions since 22.15 take hooks in the thread that imports; older ones load this file again, in a thread for hooks.
if (module.registerHooks !== undefined) module.registerHooks({ resolve, load });
else if (!import.meta.url.endsWith('?hooks')) module.register(`${import.meta.url}?hooks`);
module.enableCompileCache?.(`${CACHE}compiled`);

/** Imports name their file with its extension: there is nothing to search for. */
export function resolve(specifier, context, nextResolve) {
  if (!/^\.{1,2}\/.*\.ts$/.test(specifier)) return nextResolve(specifier, context);
  return { url: new URL(specifier, context.parentURL).href, format: 'module', shortCircuit: true };
}

export function load(url, context, nextLoad) {
  if (!/^file:[^?#]*\.ts(?=[?#]|$)/.test(url)) return nextLoad(url, context);
  return { format: 'module', shortCircuit: true, source: stripped(fileURLToPath(url)) };
}

function stripped(file) {
  const typed = readFileSync(file, 'utf8');
  const kept = `${CACHE}stripped/${createHash('sha256').update(typed).digest('hex')}.js`;
  if (existsSync(kept)) return readFileSync(kept, 'utf8');
  const { transformSync } = module.createRequire(import.meta.url)('@swc/wasm-typescript');
  try {
    return keep(kept, transformSync(typed, { mode: 'strip-only' }).code);
  } catch ({ message, startLine, startColumn }) {
    // The thrown value is no error and does not name the file.
    throw new SyntaxError(`${file}:${startLine}:${startColumn + 1}: ${message}`);
  }
}

/** Writes the file whole or not at all. */
function keep(file, code) {
  const draft = `${file}.${randomUUID()}.part`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(draft, code);
    renameSync(draft, file);
  } catch {
    // Stripped again the next time.
  }
  return code;
}
