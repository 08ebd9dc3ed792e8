/** Bundles the explorer into one HTML file that works from disk: script and style are inside, nothing is fetched. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Rolldown } from 'vite';
import { claims } from '../claims/registry.ts';

const ROOT = fileURLToPath(new URL('.', import.meta.url));

/** The page's text. Throws if the sources do not compile. */
export async function explorerPage(): Promise<string> {
  const statements = Object.fromEntries(claims.map(({ id, statement }) => [id, statement]));
  const built = (await build({
    root: ROOT,
    configFile: false,
    logLevel: 'silent',
    define: { STATEMENTS: JSON.stringify(statements) },
    build: { write: false, modulePreload: false, license: true },
  })) as Rolldown.RolldownOutput;
  return inlined(built.output);
}

type Output = Rolldown.RolldownOutput['output'];

/** The page with its files inlined, and the licences of the bundled packages. */
function inlined(output: Output): string {
  const text = (ending: string): string => {
    const file = output.find(({ fileName }) => fileName.endsWith(ending));
    if (file === undefined) throw new Error(`the build of the explorer left no ${ending}`);
    return file.type === 'chunk' ? file.code : String(file.source);
  };
  // A replacement text must not be read for its own dollar signs, nor a script end early.
  const script = text('.js').replaceAll('</script', '<\\/script');
  return text('.html')
    .replace(/<link rel="stylesheet"[^>]*>/, () => `<style>${text('.css')}</style>`)
    .replace(/<script type="module"[^>]*><\/script>/, '')
    .replace(
      '</body>',
      () => `<script type="module">${script}</script>\n<!--\n${text('license.md').replaceAll('--', '- -')}-->\n</body>`,
    );
}

/** Writes the page to `folder`/index.html and returns that file's name. */
export async function buildExplorer(folder: string): Promise<string> {
  const page = await explorerPage();
  const file = join(folder, 'index.html');
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, page);
  return file;
}
