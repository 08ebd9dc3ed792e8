import { judgeFamily } from './family.ts';

judgeFamily('smoothing');
