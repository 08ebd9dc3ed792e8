import { judgeFamily } from './family.ts';

judgeFamily('momentum');
