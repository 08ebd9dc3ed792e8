// Types are blanked out in place, so line and column numbers (and with them code coverage) stay those of the source. What was
// stripped once is kept in node_modules/.cache, by the hash of the source: every worker thread has to load all modules.
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const cache = fileURLToPath(new URL('../node_modules/.cache/flat-minima/stripped/', import.meta.url));

export async function load(url, context, nextLoad) {
  const bare = url.replace(/[?#].*$/, '');
  if (!bare.startsWith('file:') || !bare.endsWith('.ts')) return nextLoad(url, context);
  const typed = await readFile(fileURLToPath(bare), 'utf8');
  return { format: 'module', shortCircuit: true, source: await stripped(typed) };
}

async function stripped(typed) {
  const file = `${cache}${createHash('sha256').update(typed).digest('hex')}.js`;
  try {
    return await readFile(file, 'utf8');
  } catch {
    const { default: swc } = await import('@swc/wasm-typescript');
    const { code } = swc.transformSync(typed, { mode: 'strip-only' });
    await keep(file, code);
    return code;
  }
}

/** Whole or not at all; a folder that cannot be written to only costs time. */
async function keep(file, code) {
  const draft = `${file}.${randomUUID()}.part`;
  try {
    await mkdir(cache, { recursive: true });
    await writeFile(draft, code);
    await rename(draft, file);
  } catch {
    // Stripped anew the next time.
  }
}
