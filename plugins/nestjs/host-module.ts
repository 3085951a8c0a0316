/**
 * Packages of the program that imported this plugin, at once, because `MemoryModule.forRoot` does not wait: the very
 * modules that the program's own `import` gives. The CommonJS build uses host-module.cjs.ts instead.
 */
// The default import: bundlers replace calls of an imported `createRequire`.
import nodeModule from 'node:module';
import { fileURLToPath } from 'node:url';

export const hostRequire: (id: string) => unknown = (id) => {
  // Bundles may have neither; then the host is what the program itself would load.
  const here: string | undefined = import.meta.url;
  const require = nodeModule.createRequire(here ?? process.argv[1]);
  try {
    return require(fileURLToPath(import.meta.resolve(id)));
  } catch {
    return require(id);
  }
};
