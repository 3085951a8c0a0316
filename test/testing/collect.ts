/** A test runner in ten lines: runs what a suite registers, and hands back what failed. */
import type { SuiteRunner } from 'atc-memory/testing';

export interface Outcome {
  readonly titles: string[];
  /** Messages by the title of the test. */
  readonly failed: Map<string, string>;
  /** Titles of tests that were left out. */
  readonly leftOut: string[];
}

/** `register` calls the suite with the runner. */
export async function collect(register: (runner: SuiteRunner) => void): Promise<Outcome> {
  const tests: [string, (context: object) => Promise<void>][] = [];
  register({
    describe: (_, body) => body(),
    it: (name, body) => tests.push([name, body as (context: object) => Promise<void>]),
  });
  const failed = new Map<string, string>();
  const leftOut: string[] = [];
  const { warn } = console;
  console.warn = () => {};
  try {
    for (const [name, body] of tests) {
      await body({ skip: () => leftOut.push(name) }).catch((error: Error) => failed.set(name, error.message));
    }
  } finally {
    console.warn = warn;
  }
  return { titles: tests.map(([name]) => name), failed, leftOut };
}
