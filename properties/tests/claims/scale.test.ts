import { judgeFamily } from './family.ts';

judgeFamily('scale');
