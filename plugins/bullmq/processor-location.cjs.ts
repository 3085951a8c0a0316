/** The file that threads of a worker run: the CommonJS build has no import.meta. */
import path from 'node:path';
import { pathToFileURL } from 'node:url';

export function processorLocation(): string | undefined {
  return pathToFileURL(path.join(__dirname, 'bullmq-processor.js')).href;
}
