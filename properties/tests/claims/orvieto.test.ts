import { judgeFamily } from './family.ts';

judgeFamily('orvieto');
