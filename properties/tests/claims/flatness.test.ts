import { judgeFamily } from './family.ts';

judgeFamily('flatness');
