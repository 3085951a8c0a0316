/** Rebuilds in a worker thread what a reference describes. */
import { fileURLToPath } from 'node:url';
import { AtcError } from '../errors.js';
import { requireNow } from '../require-now.js';
import type { StrategyReference } from './seams.js';

/** @throws AtcError ARGUMENT when the module exports no such function, WORKER for a module that cannot be loaded. */
export async function rebuild({ module, factory, parameters }: StrategyReference): Promise<unknown> {
  const exports = await exportsOf(module);
  // A CommonJS module whose names were not seen statically has them on its default export.
  const create = exports[factory] ?? (exports.default as Record<string, unknown> | undefined)?.[factory];
  if (typeof create !== 'function') {
    throw new AtcError('ARGUMENT', `${module} exports no function "${factory}": a strategy's reference must name one`);
  }
  return create(...parameters);
}

const TYPESCRIPT = /\.[cm]?tsx?$/;

/**
 * The module of a strategy; one in TypeScript goes through jiti where Node does not take it: before Node 22.18 none,
 * and after it those with enums, decorators or imports without endings.
 */
async function exportsOf(module: string): Promise<Record<string, unknown>> {
  try {
    return (await import(module)) as Record<string, unknown>;
  } catch (error) {
    if (!TYPESCRIPT.test(module)) throw error;
    const file = fileURLToPath(module);
    try {
      const { createJiti } = requireNow<typeof import('jiti')>('jiti');
      const jiti = createJiti(file, { fsCache: false, tryNative: false, interopDefault: false });
      return (await jiti.import(file)) as Record<string, unknown>;
    } catch (cause) {
      const reason = (cause as Error).message;
      throw new AtcError(
        'WORKER',
        `${file} cannot be loaded in a worker thread: ${reason}; compile it to JavaScript, or run with workers: 1`,
        { cause, path: file },
      );
    }
  }
}
