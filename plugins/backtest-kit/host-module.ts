/**
 * The host of the module that imported this plugin. `import` and `require` of backtest-kit are two modules with two
 * adapters, so this build takes the one that `import` gives, without waiting: Node hands an ES module that is loaded to
 * `require` by its path. The CommonJS build uses host-module.cjs.ts instead.
 */
// The default import: bundlers replace calls of an imported `createRequire`.
import nodeModule from 'node:module';
import { fileURLToPath } from 'node:url';

export const hostRequire: (id: string) => unknown = (id) => {
  // Bundles may have neither; then the host is what the program itself would load.
  const here: string | undefined = import.meta.url;
  const require = nodeModule.createRequire(here ?? process.argv[1]);
  return require(typeof import.meta.resolve === 'function' ? fileURLToPath(import.meta.resolve(id)) : id);
};
