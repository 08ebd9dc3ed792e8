// Lets Node 20 import .ts files; newer versions of Node do so by themselves.
import { register } from 'node:module';

if (!process.features.typescript) register('./strip-types-hooks.mjs', import.meta.url);
