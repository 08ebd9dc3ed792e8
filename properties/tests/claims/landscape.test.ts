import { judgeFamily } from './family.ts';

judgeFamily('landscape');
