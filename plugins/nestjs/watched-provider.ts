/**
 * Seeing every instance of a provider right after it was created, whatever its scope: the record in which Nest keeps an
 * instance gets an accessor in place of its field, and what Nest writes there is shown to `see` before anyone can
 * inject it. The provider's class and its metadata stay as they are.
 */
import type { InstanceHost, InstanceWrapper } from './host.js';

/** Watches what is created from now on, and shows what there is. An error of `see` is that of creating the instance. */
export function watchProvider(wrapper: InstanceWrapper, see: (instance: unknown) => void): void {
  const original = wrapper.getInstanceByContextId;
  const seen = new WeakSet<InstanceHost>();
  const watch = (host: InstanceHost) => {
    if (!seen.has(host)) {
      seen.add(host);
      // Before that it is an empty object with the prototype of the class.
      if (host.isResolved) see(host.instance);
      watchHost(host, see);
    }
    return host;
  };
  Object.defineProperty(wrapper, 'getInstanceByContextId', {
    configurable: true,
    enumerable: false,
    writable: true,
    value(this: InstanceWrapper, contextId: unknown, inquirerId?: string) {
      return watch(original.call(this, contextId, inquirerId));
    },
  });
  // Reading it looks at the record of the application's own context.
  void wrapper.instance;
  for (const host of wrapper.getStaticTransientInstances?.() ?? []) if (host !== undefined) watch(host);
}

function watchHost(host: InstanceHost, see: (instance: unknown) => void): void {
  let { instance } = host;
  Object.defineProperty(host, 'instance', {
    configurable: true,
    enumerable: true,
    get: () => instance,
    set(created: unknown) {
      see(created);
      instance = created;
    },
  });
}
