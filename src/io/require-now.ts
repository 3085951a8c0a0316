/** Loads on first use what an import of the package must not pay for: valibot, cosmiconfig, jiti, papaparse. */
import { createRequire } from 'node:module';
import { moduleLocation } from './module-location.js';

/** A CommonJS module, loaded now. */
export function requireNow<Module>(id: string): Module {
  return createRequire(moduleLocation)(id) as Module;
}
