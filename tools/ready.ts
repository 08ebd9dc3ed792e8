/** Threads that start before they are needed: a run of the watch mode finds them with vitest and all packages loaded. */
import { ThreadsPoolWorker, type InlineConfig, type PoolOptions } from 'vitest/node';

/** What the claims import from elsewhere, which no save changes; the port of R as it is asked for, by `require`. */
const PRELOADED = ['--import=ml-matrix', '--import=fast-check', '--import=seedrandom', '--require=lib-r-math.js'];

const ready: ReadyThread[] = [];

class ReadyThread extends ThreadsPoolWorker {
  readonly #options: PoolOptions;
  readonly #started: Promise<void>;

  constructor(options: PoolOptions) {
    super({ ...options, execArgv: [...options.execArgv, ...PRELOADED] });
    this.#options = options;
    this.#started = super.start();
  }

  override start(): Promise<void> {
    return this.#started;
  }

  /** A thread that has loaded the sources serves one run: they may change. Its successor waits for the next. */
  override async stop(): Promise<void> {
    await super.stop();
    ready.push(new ReadyThread(this.#options));
  }
}

export const readyThreads: NonNullable<InlineConfig['pool']> = {
  name: 'ready threads',
  createPoolWorker: (options) => ready.pop() ?? new ReadyThread(options),
};
