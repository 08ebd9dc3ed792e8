import { judgeFamily } from './family.ts';

judgeFamily('definition');
