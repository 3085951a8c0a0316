/** Strategies are modules that are installed where they run: a package, or a file. */
import nodeModule from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { AtcError, type StrategyReference } from 'atc-memory';
import type { FleetStrategy } from './protocol.js';
import { requireJson } from './wanted.js';

/** This package's own strategies: workers have them wherever they are installed. */
const OWN_MODULE = 'atc-memory/atc';

type Factory = (...parameters: readonly unknown[]) => { readonly reference?: StrategyReference };

/**
 * What workers load for a strategy that was given as it is, or by its reference.
 *
 * @throws AtcError ARGUMENT for what is neither.
 */
export async function referenceOf(strategy: FleetStrategy): Promise<StrategyReference> {
  const given = strategy as Partial<StrategyReference> & { readonly reference?: StrategyReference };
  const reference = given?.reference ?? given;
  requireReference(reference);
  const { module, factory } = reference;
  requireJson(reference.parameters, 'strategy');
  // An argument that is left out is null in JSON.
  const end = reference.parameters.findLastIndex((one) => one !== undefined);
  const parameters = reference.parameters.slice(0, end + 1);
  // The reference of ATC names a file of this machine.
  if (!/^(file:|atc-memory:)/.test(module) || !/^atc[A-Z]/.test(factory)) return { module, factory, parameters };
  const own = ((await import('atc-memory/atc')) as unknown as Record<string, Factory | undefined>)[factory];
  const isOwn = own?.(...parameters).reference?.module === module;
  return { module: isOwn ? OWN_MODULE : module, factory, parameters };
}

/**
 * What the module's factory returns, which has this method. A relative path is one of the working directory; a package
 * is looked for beside this one, then from the working directory.
 *
 * @throws AtcError ARGUMENT for a reference that names no strategy; UNSUPPORTED for a module that is not installed.
 */
export async function loadStrategy<Kind>(reference: StrategyReference, method: 'start' | 'create'): Promise<Kind> {
  requireReference(reference);
  const { module, factory, parameters } = reference;
  const exports = await exportsOf(module);
  const create = exports[factory] ?? (exports.default as Record<string, unknown> | undefined)?.[factory];
  if (typeof create !== 'function') {
    throw new AtcError('ARGUMENT', `${module} exports no function "${factory}", which should return the strategy`);
  }
  const strategy: Record<string, unknown> | undefined = await create(...parameters);
  if (typeof strategy?.[method] === 'function') return strategy as Kind;
  const [needed, what] =
    method === 'create' ? ['{ name, version, create }', 'a study'] : ['{ name, columns, start }', 'a backtest'];
  const message = `"${factory}" of ${module} returned no strategy for ${what}: ${needed} is needed`;
  throw new AtcError('ARGUMENT', message, { key: 'strategy' });
}

function requireReference(reference: Partial<StrategyReference>): asserts reference is StrategyReference {
  const { module, factory, parameters } = reference ?? {};
  const isReference = typeof module === 'string' && typeof factory === 'string' && Array.isArray(parameters);
  if (isReference && module !== '') return;
  throw new AtcError(
    'ARGUMENT',
    'strategy: workers load it from a module; { module, factory, parameters } is needed, such as ' +
      "{ module: 'atc-memory/atc', factory: 'atcStrategy', parameters: [{}] } (atcSweep for a study), " +
      'or a strategy that has this as its reference',
    { key: 'strategy' },
  );
}

async function exportsOf(module: string): Promise<Record<string, unknown>> {
  if (module.startsWith('file:') || module.startsWith('.') || path.isAbsolute(module)) {
    const url = module.startsWith('file:') ? module : pathToFileURL(path.resolve(module)).href;
    return imported(module, () => import(url));
  }
  if (module === OWN_MODULE) return import('atc-memory/atc');
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
