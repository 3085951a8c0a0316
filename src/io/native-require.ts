/**
 * `require` for native modules, which are CommonJS. mmap-io's typings and its run-time export disagree under `import`, and a static import
 * of an optional module would fail the whole package.
 */
import { createRequire } from 'node:module';
import { moduleLocation } from './module-location.js';

export const nativeRequire: (id: string) => unknown = (id) => createRequire(moduleLocation)(id);
