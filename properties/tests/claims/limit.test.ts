import { judgeFamily } from './family.ts';

judgeFamily('limit');
