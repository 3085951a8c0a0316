/** The file that rebuilds a strategy in a worker thread: the CommonJS build has no import.meta. */
import path from 'node:path';
import { pathToFileURL } from 'node:url';

export function strategyLocation(name: string): string {
  return pathToFileURL(path.join(__dirname, name)).href;
}
