/** Counts what is asked of the allocator: a length that was believed before it was checked shows up here. */
const NAMES = [
  'ArrayBuffer',
  'Uint8Array',
  'Uint16Array',
  'Uint32Array',
  'Int32Array',
  'Float64Array',
  'BigInt64Array',
];

export interface Allocations {
  /** Largest single request so far, in elements of its type. */
  largest: number;
  restore(): void;
}

export function watchAllocations(): Allocations {
  const globals = globalThis as unknown as Record<string, new (...args: unknown[]) => object>;
  const originals = NAMES.map((name) => globals[name]);
  const watch: Allocations = {
    largest: 0,
    restore() {
      NAMES.forEach((name, i) => {
        globals[name] = originals[i];
      });
    },
  };
  NAMES.forEach((name, i) => {
    globals[name] = new Proxy(originals[i], {
      construct(target, args, newTarget) {
        if (typeof args[0] === 'number') watch.largest = Math.max(watch.largest, args[0]);
        return Reflect.construct(target, args, newTarget);
      },
    });
  });
  return watch;
}
