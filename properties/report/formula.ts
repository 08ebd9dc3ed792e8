/** Formulas as MathML, which needs no font and no style sheet and which screen readers read. */
import katex from 'katex';
import { raw, type Html } from './html.ts';

/** A displayed formula; TeX that does not parse is an error. */
export const formula = (tex: string): Html =>
  raw(katex.renderToString(tex, { output: 'mathml', displayMode: true, throwOnError: true, strict: 'error' }));
