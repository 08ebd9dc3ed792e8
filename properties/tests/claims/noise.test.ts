import { judgeFamily } from './family.ts';

judgeFamily('noise');
