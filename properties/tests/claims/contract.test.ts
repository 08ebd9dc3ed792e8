import { judgeFamily } from './family.ts';

judgeFamily('contract');
