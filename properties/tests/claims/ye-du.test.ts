import { judgeFamily } from './family.ts';

judgeFamily('ye-du');
