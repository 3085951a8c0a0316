/**
 * Packages of the program that imported this plugin, as `require` finds them: at once, because `createAtcCache` does not wait.
 * The CommonJS build uses host-module.cjs.ts instead.
 */
// The default import: bundlers replace calls of an imported `createRequire`.
import nodeModule from 'node:module';

export const hostRequire: (id: string) => unknown = (id) => {
  // Bundles may have neither; then the host is what the program itself would load.
  const here: string | undefined = import.meta.url;
  const require = nodeModule.createRequire(here ?? process.argv[1]);
  return require(id);
};
