/** `npm run study`: the command, and what it does for this repository alone. */
import { settled } from '../verify/exit.ts';
import { studyCommand } from './command.ts';
import { writePage } from './page.ts';

process.exitCode = await settled(studyCommand(process.argv.slice(2), writePage));
