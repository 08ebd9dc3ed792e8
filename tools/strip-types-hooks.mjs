// Types are blanked out in place, so line and column numbers (and with them code coverage) stay those of the source.
// Stripped files are cached in node_modules/.cache, by the hash of the source, because every worker thread has to load
// all modules.
import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const cache = fileURLToPath(new URL('../node_modules/.cache/flat-minima/stripped/', import.meta.url));

/** Imports name their file: nothing is searched. */
export function resolve(specifier, context, nextResolve) {
  if (!/^\.{1,2}\/.*\.ts$/.test(specifier)) return nextResolve(specifier, context);
  return { url: new URL(specifier, context.parentURL).href, format: 'module', shortCircuit: true };
}

export function load(url, context, nextLoad) {
  const bare = url.replace(/[?#].*$/, '');
  if (!bare.startsWith('file:') || !bare.endsWith('.ts')) return nextLoad(url, context);
  const file = fileURLToPath(bare);
  return { format: 'module', shortCircuit: true, source: stripped(readFileSync(file, 'utf8'), file) };
}

function stripped(typed, from) {
  const file = `${cache}${createHash('sha256').update(typed).digest('hex')}.js`;
  try {
    return readFileSync(file, 'utf8');
  } catch {
    const swc = require('@swc/wasm-typescript');
    const { code } = stripping(() => swc.transformSync(typed, { mode: 'strip-only' }), from);
    keep(file, code);
    return code;
  }
}

/** The thrown value is no error and does not name the file. */
function stripping(action, file) {
  try {
    return action();
  } catch ({ message, startLine, startColumn }) {
    throw new SyntaxError(`${file}:${startLine}:${startColumn + 1}: ${message}`);
  }
}

/** Whole or not at all; a folder that cannot be written to only costs time. */
function keep(file, code) {
  const draft = `${file}.${randomUUID()}.part`;
  try {
    mkdirSync(cache, { recursive: true });
    writeFileSync(draft, code);
    renameSync(draft, file);
  } catch {
    // Stripped again the next time.
  }
}
