import { judgeFamily } from './family.ts';

judgeFamily('paths');
