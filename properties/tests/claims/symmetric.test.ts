import { judgeFamily } from './family.ts';

judgeFamily('symmetric');
