/**
 * `require` for native modules, which are CommonJS. mmap-io's typings and its run-time export disagree under `import`, and a
 * static import of an optional module would fail the whole package. The CommonJS build uses native-require.cjs.ts instead.
 */
import { createRequire } from 'node:module';

export const nativeRequire: (id: string) => unknown = (id) => createRequire(import.meta.url)(id);
