/** The file that rebuilds the strategy in a worker thread: the CommonJS build has no import.meta. */
import path from 'node:path';
import { pathToFileURL } from 'node:url';

export const strategyLocation = pathToFileURL(path.join(__dirname, 'strategy.js')).href;
