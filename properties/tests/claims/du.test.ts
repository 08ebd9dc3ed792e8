import { judgeFamily } from './family.ts';

judgeFamily('du');
