import { judgeFamily } from './family.ts';

judgeFamily('anti-pgd');
