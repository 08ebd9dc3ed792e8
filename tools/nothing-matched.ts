/** A name that no test has is a mistake: `vitest -t` would end well without any test. */
import type { Reporter, TestModule, TestResult } from 'vitest/node';

/** Fails a run with -t in which every test was skipped. */
export function nothingMatched(pattern: string | undefined): Reporter {
  return {
    onTestRunEnd(modules: readonly TestModule[]) {
      if (pattern === undefined) return;
      // A claim that does not apply skips its own test, and says why.
      const isOut = (result: TestResult): boolean => result.state === 'skipped' && result.note === undefined;
      const ran = modules.some((module) => [...module.children.allTests()].some((test) => !isOut(test.result())));
      if (ran) return;
      process.exitCode = 1;
      process.stderr.write(`flat-minima: no test matches -t '${pattern}': npm run verify -- --list names the claims\n`);
    },
  };
}

/** The arguments after -t on the command line. */
export function namePattern(args: readonly string[]): string | undefined {
  const at = args.findIndex((arg) => /^(-t|--testNamePattern)(=|$)/.test(arg));
  if (at < 0) return undefined;
  return args[at]!.includes('=') ? args[at]!.replace(/^[^=]*=/, '') : args[at + 1];
}
