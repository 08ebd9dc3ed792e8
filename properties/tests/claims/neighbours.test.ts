import { judgeFamily } from './family.ts';

judgeFamily('neighbours');
