/**
 * What happens on a container after an installation: services that are handed out are looked at, bindings that are
 * replaced get their activation back (inversify forgets it with the binding), and a module that is unloaded takes its
 * part with it. The methods are overridden on the container once, however many installations it has, and are its own
 * again after the last one.
 */
import { AtcError } from '../errors.js';
import { type Method, type Override, overrideAll, settle } from './override.js';

/** One installation on a container. */
export interface Watcher {
  /** The module that was loaded, when it came as one. */
  readonly module?: unknown;
  /** Registers its activations again, where the container may have forgotten them. */
  renew(): void;
  /** An identifier that is about to be bound or resolved: a class that carries a mark is wrapped from now on. */
  expect(id: unknown): void;
  /** Its module was unloaded: what is activated from now on stays as it is. */
  retire(): void;
  /**
   * A service that was asked for by its own identifier; `isOutermost` once everything it needs has been activated as
   * well.
   */
  look(id: unknown, service: unknown, isOutermost: boolean): void;
}

/** Of inversify 6 to 8; a container has some of them. The first argument is the identifier. */
const READS = ['get', 'getNamed', 'getTagged', 'getAll', 'getAllNamed', 'getAllTagged', 'tryGet', 'tryGetAll'];
const BINDS = ['bind'];
const REPLACES = ['unbind', 'unbindAll', 'rebind', 'restore', 'unload'];
const SUFFIXES = ['', 'Async', 'Sync'];
const UNLOADS = SUFFIXES.map((suffix) => `unload${suffix}`);

interface Watch {
  readonly watchers: Set<Watcher>;
  readonly overrides: readonly Override[];
}

const watched = new WeakMap<object, Watch>();

/** Throws UNSUPPORTED for a container that does not let its methods be overridden. */
export function watchContainer(container: object, watcher: Watcher): void {
  const known = watched.get(container);
  if (known !== undefined) {
    known.watchers.add(watcher);
    return;
  }
  const watchers = new Set([watcher]);
  const overrides = [
    ...binding(container, watchers),
    ...reading(container, watchers),
    ...replacing(container, watchers),
  ];
  const refuse = (why: string) => new AtcError('UNSUPPORTED', `the container cannot be watched: ${why}`);
  overrideAll(container, overrides, refuse);
  watched.set(container, { watchers, overrides });
}

function methods(container: object, names: readonly string[]): [string, Method][] {
  return names
    .flatMap((name) => SUFFIXES.map((suffix) => name + suffix))
    .flatMap((name): [string, Method][] => {
      const method = (container as Record<string, unknown>)[name];
      return typeof method === 'function' ? [[name, method as Method]] : [];
    });
}

function binding(container: object, watchers: ReadonlySet<Watcher>): Override[] {
  return methods(container, BINDS).map(([name, original]) => [
    name,
    function (this: unknown, ...args: unknown[]) {
      for (const watcher of watchers) watcher.expect(args[0]);
      return Reflect.apply(original, this, args);
    },
  ]);
}

function reading(container: object, watchers: ReadonlySet<Watcher>): Override[] {
  // A factory may ask for more while it is asked itself: not everything has been activated before the outermost one is
  // done.
  let depth = 0;
  return methods(container, READS).map(([name, original]) => [
    name,
    function (this: unknown, ...args: unknown[]) {
      let result: unknown;
      for (const watcher of watchers) watcher.expect(args[0]);
      depth++;
      try {
        result = Reflect.apply(original, this, args);
      } finally {
        depth--;
      }
      const isOutermost = depth === 0;
      return settle(result, (service) => {
        const services = /All/.test(name) && Array.isArray(service) ? service : [service];
        for (const watcher of watchers) for (const one of services) watcher.look(args[0], one, isOutermost);
        return service;
      });
    },
  ]);
}

function replacing(container: object, watchers: Set<Watcher>): Override[] {
  return methods(container, REPLACES).map(([name, original]) => [
    name,
    function (this: unknown, ...args: unknown[]) {
      for (const watcher of watchers) watcher.expect(args[0]);
      return settle(Reflect.apply(original, this, args), (result) => {
        const unloaded = UNLOADS.includes(name) ? args : [];
        for (const watcher of [...watchers]) {
          if (watcher.module === undefined || !unloaded.includes(watcher.module)) watcher.renew();
          else if (watchers.delete(watcher)) watcher.retire();
        }
        if (watchers.size === 0) release(container);
        return result;
      });
    },
  ]);
}

/** What somebody else has overridden since stays; our part of it does nothing any more. */
function release(container: object): void {
  for (const [name, value] of watched.get(container)?.overrides ?? []) {
    if (Object.getOwnPropertyDescriptor(container, name)?.value === value) Reflect.deleteProperty(container, name);
  }
  watched.delete(container);
}
