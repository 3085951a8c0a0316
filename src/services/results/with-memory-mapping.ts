/**
 * Caching what a history provider returns: methods overridden on the instance, results on disk, keyed by their
 * arguments.
 */
import { AtcError } from '../../errors.js';
import { nearestHint } from '../../nearest.js';
import {
  isThenable,
  type Method,
  methodNames,
  overrideAll,
  requireConfigurable,
  requireExtensible,
  settle,
} from '../override.js';
import { rememberClass } from '../wrapping.js';
import { withMappedInput } from './mapped-input.js';
import { requireFreshness, requireSettings, type WithMemoryMappingOptions } from './mapping-settings.js';
import { ResultCache } from './result-cache.js';

const WRAPPED = Symbol.for('atc-memory/mapped-providers');
const registry = globalThis as { [WRAPPED]?: WeakSet<object> };

function wrapped(): WeakSet<object> {
  return (registry[WRAPPED] ??= new WeakSet());
}

/** True for a provider that withMemoryMapping of any copy of this package has wrapped. */
export function isMemoryMapped(provider: object): boolean {
  return wrapped().has(provider);
}

/**
 * Makes `provider` cache what its methods return, and returns it: the same object. A result that is fresh is served
 * from disk in the same shape: typed arrays as private views of the file, rows as fresh objects; anything else is asked
 * for as always. Sync methods stay sync. Of the `inputs` it is the history they run over that is cached, and their
 * results are their own. Mode `'read'` serves what is cached and caches nothing new, `'verify'` asks every time and
 * compares, `false` does nothing at all. Throws ARGUMENT for another mode and when nothing says how long a result is
 * good, UNSUPPORTED for a provider that cannot be wrapped.
 */
export function withMemoryMapping<Provider extends object>(
  provider: Provider,
  options: WithMemoryMappingOptions,
): Provider {
  requireSettings(provider, options);
  const { mode = true, inputs = [], methods = inputs.length > 0 ? [] : ['load'], service } = options;
  if (mode === false || isMemoryMapped(provider)) return provider;
  if (methods.length > 0) requireFreshness(options);
  const refuse = (why: string) => new AtcError('UNSUPPORTED', `${service} cannot be wrapped: ${why}`);
  requireExtensible(provider, refuse);
  const target = provider as Record<string, unknown>;
  const twice = methods.find((name) => inputs.includes(name));
  if (twice !== undefined) {
    const message = `${service}: ${twice} is among both methods and inputs; cache its results or its input`;
    throw new AtcError('ARGUMENT', message);
  }
  const override = (name: string, list: 'methods' | 'inputs', make: (original: Method) => Method) => {
    const original = target[name];
    if (typeof original !== 'function') {
      const what = list === 'methods' ? 'those whose results to cache' : 'those that take the path of a history';
      const hint = nearestHint(name, methodNames(provider));
      throw new AtcError('UNSUPPORTED', `${service} has no method ${name}; list in ${list} ${what}${hint}`);
    }
    requireConfigurable(provider, name, refuse);
    return [name, make(original as Method)] as const;
  };
  const overrides = [
    ...methods.map((name) =>
      override(name, 'methods', (original) =>
        cachingResults(original, name, new ResultCache({ ...options, mode }, provider.constructor?.name ?? '')),
      ),
    ),
    ...inputs.map((name) =>
      override(name, 'inputs', (original) => withMappedInput(original, name, { ...options, mode })),
    ),
  ];
  overrideAll(provider, overrides, refuse);
  wrapped().add(provider);
  rememberClass(provider);
  return provider;
}

function cachingResults(original: Method, method: string, results: ResultCache): Method {
  return function (this: unknown, ...args: unknown[]) {
    const request = results.request(args, method);
    if (request === undefined) return original.apply(this, args);
    const cached = results.serve(request);
    if (cached !== undefined) return cached.isAsync ? Promise.resolve(cached.result) : cached.result;
    const result = original.apply(this, args);
    const isAsync = isThenable(result);
    return settle(result, (value) => results.take(request, value, isAsync));
  };
}
