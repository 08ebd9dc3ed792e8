import { judgeFamily } from './family.ts';

judgeFamily('large-step');
