/** Directories that other caches have written. */
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createKeyv } from 'atc-memory/cache-manager';
import type { Keyv } from 'keyv';
import { useWorkspace } from '../io/workspace.js';
import { type Foreign, fill } from './foreign-caches.js';

export const workspace = useWorkspace();
let count = 0;

/** A fresh directory. */
export function empty(): string {
  const directory = workspace.at(`legacy ${count++}`);
  mkdirSync(directory);
  return directory;
}

export async function filled(foreign: Foreign): Promise<string> {
  const directory = empty();
  await fill(foreign, directory);
  return directory;
}

export function ours(foreign: Foreign, directory: string): Keyv {
  return createKeyv({ directory, namespace: foreign.namespace });
}

export function snapshot(directory: string): Record<string, string> {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true })
    // When keyv-file last looked for expired entries: its own business, and left alone.
    .filter((entry) => entry.isFile() && entry.name !== '.lastExpire')
    .map((entry) => path.join(entry.parentPath, entry.name));
  return Object.fromEntries(files.map((file) => [path.relative(directory, file), readFileSync(file, 'latin1')]).sort());
}

/**
 * keyv-file lists the entries of its one file in the order they were set, and remembers when it last looked for expired
 * ones.
 */
export function normalised(files: Record<string, string>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(files).map(([file, text]) => {
      if (!text.startsWith('{"cache":')) return [file, text];
      return [file, (JSON.parse(text).cache as unknown[]).map((entry) => JSON.stringify(entry)).sort()];
    }),
  );
}
