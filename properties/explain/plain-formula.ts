/** The formulas of the claims are TeX; a terminal shows them in plain letters: X~ for \tilde X, eta for \eta, a/b for a fraction. */

/** Commands that stand for a sign, or for nothing; every other one stands for its own name. */
const SIGNS: Readonly<Record<string, string>> = {
  ...{ le: '<=', ge: '>=', ne: '!=', approx: '~=', sim: '~', lesssim: '<~', ll: '<<', gg: '>>', pm: '+-', times: 'x' },
  ...{ to: '->', mapsto: '|->', Rightarrow: '=>', mid: '|', setminus: '\\', langle: '<', rangle: '>', notin: 'not in' },
  ...{
    nabla: 'grad',
    partial: 'd',
    infty: 'inf',
    ldots: '...',
    dots: '...',
    quad: '  ',
    qquad: '  ',
    '\\': '; ',
    '|': '||',
  },
  ...{ left: '', right: '', big: '', Big: '', textstyle: '', ',': ' ', ';': ' ', ' ': ' ', '!': '' },
  ...{ star: '*', circ: 'o', prime: "'", top: 'T' },
};

/** Becomes a space between letters, digits and brackets, and nothing elsewhere. */
const SOFT = '\0';

/** A formula in plain text, on one line. */
export function plainFormula(tex: string): string {
  return group(tex.match(/\\(?:[a-zA-Z]+|.)|./gs) ?? [])
    .replace(/\0+/g, SOFT)
    .replace(/(?<=[\w)\]}'~*])\0(?=[\w([{<])/g, ' ')
    .replaceAll(SOFT, '')
    .replace(/\s+/g, ' ')
    .replace(/ (?=[,;:)\]])|(?<=[([]) /g, '')
    .trim();
}

/** Everything up to the end of the group. */
function group(tokens: string[]): string {
  let text = '';
  for (let token = tokens.shift(); token !== undefined && token !== '}'; token = tokens.shift()) {
    if (token !== '_' && token !== '^') text += rendered(token, tokens);
    else text = attached(text, token, bare(argument(tokens)));
  }
  return text;
}

function argument(tokens: string[]): string {
  while (tokens[0] === ' ') tokens.shift();
  return rendered(tokens.shift() ?? '', tokens);
}

const bare = (text: string): string => text.replace(/^[\s\0]+|[\s\0]+$/g, '');

/** An index or a power, set next to its base without a space; s_1 is s1, as in the names of an instance. */
function attached(text: string, where: string, what: string): string {
  const close = what === "'" || what === '+' || what === '*' || (where === '_' && /^\d$/.test(what));
  const enclosed = /^-?\w+$/.test(what) ? what : `(${what})`;
  return `${bare(text) === '' ? text : text.replace(/[\s\0]+$/, '')}${close ? what : where + enclosed}${what === '+' ? ' ' : SOFT}`;
}

function rendered(token: string, tokens: string[]): string {
  if (token === '{') return group(tokens);
  if (token === '&') return ', ';
  if (!token.startsWith('\\')) return token;
  const name = token.slice(1);
  const sign = SIGNS[name];
  if (sign !== undefined) return sign.length > 1 && sign !== '||' ? ` ${sign} ` : sign;
  return WITH_ARGUMENTS[name]?.(tokens) ?? (/^[a-zA-Z]/.test(name) ? word(name) : name);
}

const word = (text: string): string => SOFT + text + SOFT;

const part = (text: string): string => (/^(\d+|[a-zA-Z]\w*)$/.test(bare(text)) ? bare(text) : `(${bare(text)})`);

const WITH_ARGUMENTS: Readonly<Record<string, (tokens: string[]) => string>> = {
  frac: (tokens) => word(`${part(argument(tokens))}/${part(argument(tokens))}`),
  tfrac: (tokens) => word(`${part(argument(tokens))}/${part(argument(tokens))}`),
  stackrel: (tokens) => {
    const above = bare(argument(tokens));
    return ` ${bare(argument(tokens))} (in ${above}) `;
  },
  sqrt: (tokens) => word(`sqrt(${bare(argument(tokens))})`),
  overline: (tokens) => word(`mean(${bare(argument(tokens))})`),
  tilde: (tokens) => `${bare(argument(tokens))}~`,
  dot: (tokens) => word(`d${bare(argument(tokens))}/dt`),
  mathrm: (tokens) => word(bare(argument(tokens))),
  mathcal: (tokens) => argument(tokens),
  text: (tokens) => argument(tokens),
  // The only environment is a matrix.
  begin: (tokens) => (argument(tokens), '['),
  end: (tokens) => (argument(tokens), ']'),
};
