/**
 * Packages of the program that imported this plugin, at once, because `createKeyv` does not wait. An ES module gets
 * what `import` gives, so that a Keyv of ours is one of the program's own class. The CommonJS build uses
 * host-module.cjs.ts instead.
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
    // Loaders that cannot require an ES module (Node before 20.17, test runners) have the CommonJS one.
    return require(id);
  }
};
