import { judgeFamily } from './family.ts';

judgeFamily('dominance');
