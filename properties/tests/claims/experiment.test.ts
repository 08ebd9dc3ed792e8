import { judgeFamily } from './family.ts';

judgeFamily('experiment');
