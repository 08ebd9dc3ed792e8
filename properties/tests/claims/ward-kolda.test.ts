import { judgeFamily } from './family.ts';

judgeFamily('ward-kolda');
