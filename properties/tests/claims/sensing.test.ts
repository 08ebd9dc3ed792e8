import { judgeFamily } from './family.ts';

judgeFamily('sensing');
