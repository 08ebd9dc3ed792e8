import { judgeFamily } from './family.ts';

judgeFamily('ding');
