/** A directory for one test file, removed at its end. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface Workspace {
  readonly directory: string;
  at(...names: string[]): string;
  /** Writes a file and returns its path. */
  file(name: string, bytes: Uint8Array | string): string;
}

export function useWorkspace(): Workspace {
  const directory = mkdtempSync(path.join(tmpdir(), 'atc-test-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  const at = (...names: string[]) => path.join(directory, ...names);
  return {
    directory,
    at,
    file(name, bytes) {
      writeFileSync(at(name), bytes);
      return at(name);
    },
  };
}

/** The error that `run` throws; fails when it throws none. */
export function thrownBy(run: () => unknown): Error & Record<string, unknown> {
  try {
    run();
  } catch (error) {
    return error as Error & Record<string, unknown>;
  }
  throw new Error('nothing was thrown');
}
