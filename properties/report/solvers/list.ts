/** The list of solvers that `npm run solvers` judges: examples/solvers.json. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

export const EXAMPLES = 'examples';

const common = {
  name: z.string(),
  precision: z.enum(['float64', 'float32']),
  /** Instances of each claim, if the usual number would take too long. */
  instances: z.number().int().positive().optional(),
  /** Further options of verify, such as its tolerance for a precision; the run without them is made too. */
  options: z.array(z.string()).optional(),
};

const library = z.union([
  /** Our own solver, as a module of this project. */
  z.strictObject({ ...common, ours: z.string() }),
  /**
   * A module of examples, on a package; if there is a package.json next to it, that is installed in a folder of its
   * own.
   */
  z.strictObject({ ...common, module: z.string(), package: z.string().optional() }),
  /** A program of docs/protocol.md, for the first interpreter that prints the version. */
  z.strictObject({
    ...common,
    program: z.string(),
    interpreters: z.array(z.string()),
    version: z.array(z.string()),
    needs: z.string(),
  }),
]);

const listSchema = z.strictObject({ libraries: z.array(library), variants: z.array(z.string()) });

/** A solver to be judged. */
export type Listed = z.infer<typeof library>;

/** All solvers in the order of the tables. */
export interface List {
  readonly libraries: readonly Listed[];
  readonly variants: readonly Listed[];
}

export function readList(): List {
  const { libraries, variants } = listSchema.parse(JSON.parse(readFileSync(join(EXAMPLES, 'solvers.json'), 'utf8')));
  return {
    libraries,
    variants: variants.map((name) => ({ name, precision: 'float64', module: join('variants', `${name}.ts`) })),
  };
}

/** The description of a variant: the comment at the beginning of its file. */
export function describedIn(file: string): string {
  const [, comment] = /^\/\*\*([^]*?)\*\//.exec(readFileSync(join(EXAMPLES, file), 'utf8')) ?? [];
  if (comment === undefined) throw new Error(`${file} does not begin with a comment: describe the solver there`);
  return comment.replace(/\n \*/g, ' ').replace(/\s+/g, ' ').trim();
}
