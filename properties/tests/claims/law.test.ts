import { judgeFamily } from './family.ts';

judgeFamily('law');
