import { judgeFamily } from './family.ts';

judgeFamily('escape');
