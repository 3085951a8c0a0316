/** The file that worker threads run: the CommonJS build has no import.meta. */
import path from 'node:path';
import { pathToFileURL } from 'node:url';

export const workerLocation = pathToFileURL(path.join(__dirname, 'worker.js')).href;
