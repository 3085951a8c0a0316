/** Names in a directory, and what can be done to the files behind them. */
import { readdirSync, renameSync, rmSync } from 'node:fs';
import { attempt, systemCode } from './io-error.js';

/** Names of the files and directories in `directory`; none when there is no such directory. */
export function entryNames(directory: string): { files: string[]; directories: string[] } {
  return attempt('list', directory, () => {
    try {
      const entries = readdirSync(directory, { withFileTypes: true });
      const named = (wanted: boolean) => entries.filter((one) => one.isDirectory() === wanted).map(({ name }) => name);
      return { files: named(false), directories: named(true) };
    } catch (error) {
      if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return { files: [], directories: [] };
      throw error;
    }
  });
}

/**
 * Removes a file; one that was deleted already is fine. False when the system holds it (Windows, while another process
 * maps it).
 */
export function removeFile(file: string): boolean {
  try {
    rmSync(file, { force: true });
    return true;
  } catch {
    return false;
  }
}

/** Renames within a directory; false when another process was faster. */
export function moveAside(file: string, to: string): boolean {
  return attempt('move', file, () => {
    try {
      renameSync(file, to);
      return true;
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return false;
      throw error;
    }
  });
}
