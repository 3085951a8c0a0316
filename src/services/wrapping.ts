/**
 * What this process wraps: the configuration that its services get, and the classes of which an instance was wrapped.
 * Known to all copies of the package.
 */
import type { ResolvedConfig } from '../config/resolve.js';

const CONFIG = Symbol.for('atc-memory/wrapping-config');
const WRAPPED = Symbol.for('atc-memory/wrapped-classes');
/** Of classes of which an instance was wrapped, and those that they extend. */
const registry = globalThis as { [CONFIG]?: ResolvedConfig; [WRAPPED]?: WeakSet<object> };

/** A container or a call of applyFeatures works with `config`. */
export function noteWrapping(config: ResolvedConfig): void {
  registry[CONFIG] = config;
}

/** The configuration of whatever came last; undefined where nothing wraps. */
export function wrappingConfig(): ResolvedConfig | undefined {
  return registry[CONFIG];
}

/**
 * Whether an instance of this class, or of one that extends it, was wrapped in this process: by a container or by hand.
 */
export function wasWrapped(target: object): boolean {
  return registry[WRAPPED]?.has(target) === true;
}

/** An instance was wrapped. */
export function rememberClass(service: object): void {
  const classes = (registry[WRAPPED] ??= new WeakSet());
  for (let at: unknown = service.constructor; typeof at === 'function' && at !== Function.prototype; ) {
    classes.add(at);
    at = Object.getPrototypeOf(at);
  }
}
