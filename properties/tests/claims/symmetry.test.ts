import { judgeFamily } from './family.ts';

judgeFamily('symmetry');
