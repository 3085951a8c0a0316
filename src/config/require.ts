/** Loads on first use what an import of the package must not pay for: valibot, cosmiconfig, jiti, fastest-levenshtein. */
import { createRequire } from 'node:module';

const load = createRequire(import.meta.url);

/** A CommonJS module, loaded now. */
export function requireNow<Module>(id: string): Module {
  return load(id) as Module;
}
