/** As a user who may read the files of a directory and may not change it. */
import { chmodSync, readdirSync } from 'node:fs';
import path from 'node:path';

/** No user of that number owns anything. */
const STRANGER = 65_534;

/**
 * Runs `work` while `directory` and all below it cannot be written; root, who may write anywhere, becomes somebody else
 * meanwhile.
 */
export async function whileReadOnly<T>(directory: string, work: () => Promise<T>): Promise<T> {
  const isRoot = process.geteuid?.() === 0;
  const below = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => path.join(entry.parentPath, entry.name));
  const all = [directory, ...below];
  chmodSync(path.dirname(directory), 0o755);
  for (const one of all) chmodSync(one, 0o555);
  if (isRoot) process.seteuid?.(STRANGER);
  try {
    return await work();
  } finally {
    if (isRoot) process.seteuid?.(0);
    for (const one of all) chmodSync(one, 0o755);
  }
}
