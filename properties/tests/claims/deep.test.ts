import { judgeFamily } from './family.ts';

judgeFamily('deep');
