/** The input breaks the contract; the message is one sentence that names the value and says what to do. */
export class InvalidInput extends Error {
  /** Distinguishes it from other errors. */
  override readonly name = 'InvalidInput';
}

/** More numbers were asked for than a script of noise has. */
export class NoiseExhausted extends InvalidInput {}

/** The iterate left the finite numbers; `step` is the step (from 1) at which it happened. */
export class Diverged extends Error {
  /** Distinguishes it from other errors. */
  override readonly name = 'Diverged';
  /** From 1. */
  readonly step: number;

  constructor(step: number, stepSize: number) {
    super(
      `the descent diverged at step ${step} with stepSize ${stepSize}: choose a smaller step size or a smaller start`,
    );
    this.step = step;
  }
}
