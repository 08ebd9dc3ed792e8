// Lets Node import .ts files. Versions since 22.15 take hooks in the thread that imports, which costs no messages.
// Those since 22.18 strip types by themselves, but again in every thread. Compiled code is cached too, if Node can.
import * as module from 'node:module';
import { fileURLToPath } from 'node:url';
import * as hooks from './strip-types-hooks.mjs';

if (module.registerHooks === undefined) module.register('./strip-types-hooks.mjs', import.meta.url);
else module.registerHooks(hooks);
module.enableCompileCache?.(fileURLToPath(new URL('../node_modules/.cache/flat-minima/compiled', import.meta.url)));
