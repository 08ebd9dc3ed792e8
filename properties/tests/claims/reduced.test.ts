import { judgeFamily } from './family.ts';

judgeFamily('reduced');
