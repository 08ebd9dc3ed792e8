/** A solver that is a program: calls on a descent in the judging thread become requests to the program. */
import { Matrix } from 'ml-matrix';
import { gaussianNoise, type Descent, type DescentOptions, type Solver } from '../../src/index.ts';
import { isGaussian } from '../../src/noise/sources.ts';
import type { Claim } from '../model/claim.ts';
import { guarded, SolverFault, type Watch } from '../run/guard.ts';
import { declaring, type Subject } from '../run/subject.ts';
import { DOUBLE } from '../model/precision.ts';
import type { Iterate } from './answers.ts';
import type { Line } from './program.ts';
import { MOST, Session } from './session.ts';

/** The number of steps of a descent for which noise is sent, if any normal numbers will do. */
export const SENT_STEPS = 64;

/**
 * The solver that asks the program at the other end of the line. A claim that needs only the distribution of Gaussian
 * noise may let the program draw its own numbers in a long run; every other claim, and all other noise, sends them.
 */
export function remoteSolver(line: Line, needs: Claim['needs'] = 'law'): Solver {
  const session = new Session(line);
  return (options) => new RemoteDescent(session, options, needs === 'law');
}

class RemoteDescent implements Descent {
  readonly #session: Session;
  readonly #id: number;
  readonly #noise: DescentOptions['noise'];
  readonly #mayDrawItself: boolean;
  #at: Iterate;
  /** Normals that a step takes: (d1 + d2) r, or 0. */
  readonly #due: number;
  #taken = 0;

  constructor(session: Session, { target, start, stepSize, noise }: DescentOptions, ofLaw: boolean) {
    this.#session = session;
    this.#id = session.number();
    this.#noise = noise;
    this.#mayDrawItself = ofLaw && noise !== undefined && isGaussian(noise.source);
    this.#at = { X: start.X.clone(), Y: start.Y.clone() };
    const isPlain = noise === undefined || (noise.sigma1 === 0 && noise.sigma2 === 0);
    this.#due = isPlain ? 0 : (start.X.rows + start.Y.rows) * start.X.columns;
    const request = {
      descent: this.#id,
      target: target.to2DArray(),
      X: start.X.to2DArray(),
      Y: start.Y.to2DArray(),
      stepSize,
      noise: noise === undefined ? null : { sigma1: noise.sigma1, sigma2: noise.sigma2 },
    };
    this.#send(request);
    // A program that answers at once reports here that it cannot start a descent.
    if ('error' in this.#at) throw this.#at.error;
  }

  get X(): Matrix {
    return this.#iterate().X;
  }

  get Y(): Matrix {
    return this.#iterate().Y;
  }

  advance(steps: number): void {
    if (this.#mayDrawItself && this.#taken + steps > SENT_STEPS) {
      this.#taken += steps;
      this.#send({ descent: this.#id, advance: steps });
      return;
    }
    // A long line of numbers is sent in pieces.
    const most = this.#due === 0 ? steps : Math.max(1, Math.floor(MOST.normals / this.#due));
    for (let left = steps; left > 0; left -= most) {
      const piece = Math.min(left, most);
      this.#taken += piece;
      this.#send({ descent: this.#id, advance: piece, normals: this.#normals(piece) });
    }
  }

  #normals(steps: number): number[] {
    const tape = new Float64Array(steps * this.#due);
    if (tape.length > 0) this.#noise!.source.fill(tape);
    return Array.from(tape);
  }

  #send(request: Parameters<Session['send']>[0]): void {
    this.#session.send(request, (answer) => {
      // The first error is reported: later ones follow from it.
      if (!('error' in this.#at)) this.#at = answer;
    });
  }

  #iterate(): Exclude<Iterate, { error: Error }> {
    this.#session.flush();
    if ('error' in this.#at) throw this.#at.error;
    return this.#at;
  }
}

/**
 * Whether the program uses the noise that it is sent: the same noise twice must give the same iterate, and other noise
 * another one. Returns a sentence if it does not answer at all.
 */
export function inspectRemote(solver: Solver, watch: Watch, roundoff = DOUBLE): Subject | string {
  const subject = guarded(solver, watch);
  const end = (seed: string): string => {
    const noise = { sigma1: 1 / 4, sigma2: 1 / 4, source: gaussianNoise(seed) };
    const start = { X: Matrix.ones(2, 1), Y: Matrix.ones(3, 1) };
    const descent = subject({ target: Matrix.ones(2, 3), start, stepSize: 1 / 16, noise });
    descent.advance(2);
    return JSON.stringify([descent.X, descent.Y]);
  };
  try {
    const [one, again, other] = [end('inspection'), end('inspection'), end('another')];
    const repeats = one === again && one === other ? { repeats: true } : {};
    return { ...declaring(subject, roundoff), ownNoise: one !== again || one === other, ...repeats };
  } catch (error) {
    if (error instanceof SolverFault) return error.message.replace(/^the solver threw .*?: /, '');
    throw error;
  }
}
