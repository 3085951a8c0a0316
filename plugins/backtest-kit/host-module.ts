/**
 * The host of the module that imported this plugin. `import` and `require` of backtest-kit are two modules with two
 * adapters, so this build takes the one that `import` gives, without waiting: Node hands an ES module that is loaded to
 * `require` by its path. The CommonJS build uses host-module.cjs.ts instead.
 */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

export const hostRequire: (id: string) => unknown = (id) =>
  createRequire(import.meta.url)(fileURLToPath(import.meta.resolve(id)));
