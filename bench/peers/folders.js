// Where the ways of keeping candles have their files and their packages: arguments of bench/peers/ways.js.
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const [, , , , directory, peers] = process.argv;
export const COLUMNS = ['timestamp', 'open', 'high', 'low', 'close', 'volume'];
/** A file of the way that runs. */
export const at = (file) => path.join(directory, file);

/** A package of the peers' folder. */
export const peer = async (id) => {
  const module = await import(pathToFileURL(createRequire(path.join(peers, 'x.js')).resolve(id)).href);
  return module.default ?? module;
};
