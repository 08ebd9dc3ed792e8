import { judgeFamily } from './family.ts';

judgeFamily('lee');
