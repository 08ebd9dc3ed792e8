import { judgeFamily } from './family.ts';

judgeFamily('gd');
