/**
 * The one way to load on first use what an import of the package must not pay for: other packages (valibot, cosmiconfig, jiti, papaparse,
 * pako, piscina), native modules, and the larger of Node's own (crypto, zlib). Synchronous, because the first use may be.
 */
import { createRequire } from 'node:module';
import { moduleLocation } from './module-location.js';

const loaded = new Map<string, unknown>();

/** A CommonJS module or one of Node's own, loaded now; what failed to load is tried again the next time. */
export function requireNow<Module>(id: string): Module {
  let module = loaded.get(id);
  if (module === undefined) {
    module = createRequire(moduleLocation)(id);
    loaded.set(id, module);
  }
  return module as Module;
}
