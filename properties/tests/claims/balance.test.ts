import { judgeFamily } from './family.ts';

judgeFamily('balance');
