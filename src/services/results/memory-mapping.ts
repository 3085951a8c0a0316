/** Keeping what a history provider returns: methods overridden on the instance, results on disk, keyed by their arguments. */
import { resolveCompression } from '../../codec/compression-options.js';
import { AtcError } from '../../errors.js';
import { requireMode } from '../../feature-mode.js';
import { withMappedInput } from './mapped-input.js';
import { ResultKeeper, type WithMemoryMappingOptions } from './result-keeper.js';

type Method = (this: unknown, ...args: unknown[]) => unknown;

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
 * Makes `provider` keep what its methods return, and returns it: the same object. A result that is fresh is served from disk in the
 * same shape: typed arrays as private views of the file, rows as fresh objects; anything else is asked for as always. Sync methods
 * stay sync. Of the `inputs` it is the history they run over that is kept, and their results are their own. Mode `'read'` serves what is kept and keeps nothing new, `'verify'` asks every time and compares, `false` does
 * nothing at all. Throws ARGUMENT for another mode and when nothing says how long a result is good, UNSUPPORTED for a provider that cannot be wrapped.
 */
export function withMemoryMapping<Provider extends object>(
  provider: Provider,
  options: WithMemoryMappingOptions,
): Provider {
  const { mode = true, inputs = [], methods = inputs.length > 0 ? [] : ['load'], service } = options;
  requireMode(mode);
  if (mode === false || isMemoryMapped(provider)) return provider;
  if (methods.length > 0) requireFreshness(options);
  resolveCompression(options);
  if (!Object.isExtensible(provider)) {
    throw new AtcError('UNSUPPORTED', `${service} cannot be wrapped: the object is frozen, sealed or not extensible`);
  }
  const target = provider as Record<string, unknown>;
  const twice = methods.find((name) => inputs.includes(name));
  if (twice !== undefined) {
    throw new AtcError(
      'ARGUMENT',
      `${service}: ${twice} is among both methods and inputs; keep its results or its input`,
    );
  }
  const override = (name: string, list: 'methods' | 'inputs', make: (original: Method) => Method) => {
    const original = target[name];
    if (typeof original !== 'function') {
      const advice = `say with ${list} ${list === 'methods' ? 'which results to keep' : 'which ones take the path of a history'}`;
      throw new AtcError('UNSUPPORTED', `${service} has no method ${name}; ${advice}`);
    }
    if (Object.getOwnPropertyDescriptor(provider, name)?.configurable === false) {
      throw new AtcError('UNSUPPORTED', `${service}: ${name} cannot be overridden (not configurable)`);
    }
    return [name, make(original as Method)] as const;
  };
  const overrides = [
    ...methods.map((name) =>
      override(name, 'methods', (original) =>
        keeping(original, name, new ResultKeeper({ ...options, mode }, provider.constructor?.name ?? '')),
      ),
    ),
    ...inputs.map((name) =>
      override(name, 'inputs', (original) => withMappedInput(original, name, { ...options, mode })),
    ),
  ];
  for (const [name, value] of overrides) {
    const enumerable = Object.getOwnPropertyDescriptor(provider, name)?.enumerable ?? false;
    Object.defineProperty(provider, name, { value, enumerable, writable: true, configurable: true });
  }
  wrapped().add(provider);
  return provider;
}

function requireFreshness({ service, ttlMs, version, source }: WithMemoryMappingOptions): void {
  if (ttlMs === undefined && version === undefined && source === undefined) {
    const advice = 'give source (files), version(args), or ttlMs (Infinity for history that never changes)';
    throw new AtcError('ARGUMENT', `${service}: nothing says how long a kept result is good; ${advice}`);
  }
  if (ttlMs !== undefined && !(ttlMs > 0)) {
    throw new AtcError('ARGUMENT', `${service}: ttlMs must be above 0, got ${String(ttlMs)}`);
  }
}

function keeping(original: Method, method: string, keeper: ResultKeeper): Method {
  return function (this: unknown, ...args: unknown[]) {
    const request = keeper.request(args, method);
    if (request === undefined) return original.apply(this, args);
    const kept = keeper.serve(request);
    if (kept !== undefined) return kept.isAsync ? Promise.resolve(kept.result) : kept.result;
    const result = original.apply(this, args);
    if (typeof (result as { then?: unknown } | null | undefined)?.then === 'function') {
      return (result as Promise<unknown>).then((value) => keeper.take(request, value, true));
    }
    return keeper.take(request, result, false);
  };
}
