/** Strategies are modules that are installed where they run: a package, or a file. */
import nodeModule from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { AtcError, type StrategyReference } from 'atc-memory';
import type { SweepStrategy } from 'atc-memory/sweep';

/**
 * What the module's factory returns. A relative path is one of the working directory; a package is looked for beside
 * this one, then from the working directory.
 *
 * @throws AtcError ARGUMENT for a reference that names no strategy; UNSUPPORTED for a module that is not installed.
 */
export async function loadStrategy(reference: StrategyReference): Promise<SweepStrategy> {
  requireReference(reference);
  const { module, factory, parameters } = reference;
  const exports = await exportsOf(module);
  const create = exports[factory] ?? (exports.default as Record<string, unknown> | undefined)?.[factory];
  if (typeof create !== 'function') {
    throw new AtcError('ARGUMENT', `${module} exports no function "${factory}", which should return the strategy`);
  }
  const strategy = (await create(...parameters)) as SweepStrategy | undefined;
  if (typeof strategy?.create === 'function') return strategy;
  throw new AtcError('ARGUMENT', `"${factory}" of ${module} returned no strategy: { name, version, create } is needed`);
}

function requireReference(reference: StrategyReference): void {
  const { module, factory, parameters } = reference ?? {};
  const isReference = typeof module === 'string' && typeof factory === 'string' && Array.isArray(parameters);
  if (isReference && module !== '') return;
  throw new AtcError(
    'ARGUMENT',
    'strategy: workers load it from a module; { module, factory, parameters } is needed, such as ' +
      "{ module: 'atc-memory/atc', factory: 'atcSweep', parameters: [{}] }",
    { key: 'strategy' },
  );
}

async function exportsOf(module: string): Promise<Record<string, unknown>> {
  if (module.startsWith('file:') || module.startsWith('.') || path.isAbsolute(module)) {
    const url = module.startsWith('file:') ? module : pathToFileURL(path.resolve(module)).href;
    return imported(module, () => import(url));
  }
  if (module === 'atc-memory/atc') return import('atc-memory/atc');
  return imported(module, async () => {
    try {
      return await import(module);
    } catch (error) {
      if (!isMissing(error)) throw error;
      const require = nodeModule.createRequire(path.resolve('program.js'));
      return import(pathToFileURL(require.resolve(module)).href);
    }
  });
}

async function imported(
  module: string,
  load: () => Promise<Record<string, unknown>>,
): Promise<Record<string, unknown>> {
  try {
    return await load();
  } catch (cause) {
    if (!isMissing(cause)) throw cause;
    const message = `the strategy's module ${module} cannot be loaded (${(cause as Error).message}); install it here`;
    throw new AtcError('UNSUPPORTED', message, { cause });
  }
}

function isMissing(error: unknown): boolean {
  return ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'].includes((error as { code?: string }).code ?? '');
}
