/** For code that connects another container: which services a configuration concerns, and their wrapping. */
import type { AtcConfig } from '../config/keys.js';
import { loadConfigSync } from '../config/load.js';
import { type ResolvedConfig, resolveConfig } from '../config/resolve.js';
import { AtcError, shown } from '../errors.js';
import { featuresOf, wrapService } from './apply-features.js';
import { forgottenClasses, forgottenMessage } from './forgotten-marks.js';
import type { MarkableClass } from './mark-registry.js';
import { isObject } from './override.js';
import { noteWrapping } from './wrapping.js';

/** Wraps services by one configuration, whatever container they come from. */
export interface ServiceActivator {
  /** In force for every service. */
  readonly config: ResolvedConfig;
  /** True when no feature is on for anything: there is nothing to do. */
  readonly isOff: boolean;
  /**
   * Whether instances of a class get a feature: it is marked, or the configuration names it. `name` is its key in
   * `services`, where that is neither the id of its mark nor the name of the class.
   */
  concerns(target: MarkableClass<object>, name?: string): boolean;
  /** The service, wrapped in place; what gets no feature, or is no object, is returned untouched. */
  activate<Service>(service: Service, name?: string): Service;
  /**
   * Emits one warning (`ATC_NOT_WRAPPED`) that names the marked classes of which nothing was wrapped, and returns their
   * names. `provided`: classes of which instances are still to come.
   */
  warnOfForgotten(provided: Iterable<MarkableClass<object>>): string[];
}

/**
 * For plugins that connect a container: what inversify and NestJS are connected by. Without a configuration the one of
 * the project is loaded. Throws CONFIG for a wrong configuration; `activate` throws UNSUPPORTED for what cannot be
 * wrapped.
 */
export function serviceActivator(config?: AtcConfig | ResolvedConfig): ServiceActivator {
  const resolved = config === undefined ? loadConfigSync() : resolveConfig(config);
  noteWrapping(resolved);
  const isOff = [resolved, ...Object.values(resolved.services)].every(
    ({ useCompression = false, useMemoryMapped = false }) => useCompression === false && useMemoryMapped === false,
  );
  return {
    config: resolved,
    isOff,
    concerns(target, name) {
      if (typeof target !== 'function') {
        throw new AtcError('ARGUMENT', `concerns needs a class, got ${shown(target)}`);
      }
      const { compression, mapping } = featuresOf((target as { prototype?: object }).prototype ?? {}, resolved, name);
      return compression !== false || mapping !== false;
    },
    activate(service, name) {
      if (isOff || !isObject(service)) return service;
      const features = featuresOf(service, resolved, name);
      if (features.compression !== false || features.mapping !== false) wrapService(service, features);
      return service;
    },
    warnOfForgotten(provided) {
      if (typeof (provided as Iterable<unknown> | undefined | null)?.[Symbol.iterator] !== 'function') {
        throw new AtcError('ARGUMENT', `warnOfForgotten needs a list of classes, got ${shown(provided)}`);
      }
      const classes = [...provided];
      const isProvided = (marked: MarkableClass<object>) =>
        classes.some((one) => one === marked || Object.prototype.isPrototypeOf.call(marked, one));
      const names = isOff ? [] : forgottenClasses(resolved, isProvided);
      if (names.length > 0) process.emitWarning(forgottenMessage(names), { code: 'ATC_NOT_WRAPPED' });
      return names;
    },
  };
}
