/**
 * Compression for Keyv 6: its serialization adapter sees every value on every path, as the pair of functions of Keyv 5
 * does.
 */
import { withCompression as compressStore, type WithCompressionOptions } from 'atc-memory';

/** What is used of a Keyv 6. */
export interface Keyv6 {
  serialization: Serialization | undefined;
  readonly store: object;
  emit(event: 'error', error: unknown): unknown;
}

interface Serialization {
  stringify(item: unknown): unknown;
  parse(text: string): unknown;
}

/** Adapters that encode and decode already. */
const wrapped = new WeakSet<object>();

export function isKeyv6(keyv: object): keyv is Keyv6 {
  return 'serialization' in keyv && !('serialize' in keyv);
}

export function compressKeyv6(keyv: Keyv6, options: WithCompressionOptions): void {
  const { serialization } = keyv;
  if (serialization === undefined) {
    compressValues(keyv, options);
    return;
  }
  if (wrapped.has(serialization)) return;
  // The seam of Keyv 5 with this Keyv's own serialization in it: one way to encode an item, whichever Keyv it comes
  // from.
  const seam = {
    serialize: (item: unknown) => serialization.stringify(item),
    deserialize: (text: unknown) => serialization.parse(text as string),
    store: keyv.store,
    opts: {},
    // What a Keyv 5 is known by; never called.
    get: unused,
    set: unused,
    getMany: unused,
    setMany: unused,
    serializeData: unused,
    deserializeData: unused,
  };
  compressStore(seam, options);
  const adapter: Serialization = {
    stringify: (item) => seam.serialize(item),
    parse: (text) => seam.deserialize(text),
  };
  wrapped.add(adapter);
  keyv.serialization = adapter;
}

/** Without serialization live values reach the store, which may hold bytes. */
function compressValues(keyv: object, options: WithCompressionOptions): void {
  compressStore(keyv, {
    carrier: 'bytes',
    methods: {
      reads: {
        get: 'value',
        getMany: 'list',
        getRaw: 'entry',
        getManyRaw: 'entry-list',
        iterator: 'entries',
      },
      writes: { set: 1, setMany: { at: 0, each: 'value' } },
      others: settingsOf(keyv),
    },
    ...options,
  });
}

/** Accessors of the class: its settings, none of which hands out a value. */
function settingsOf(keyv: object): string[] {
  const accessors = Object.entries(Object.getOwnPropertyDescriptors(Object.getPrototypeOf(keyv) as object));
  return accessors.flatMap(([name, { get }]) => (get === undefined ? [] : [name]));
}

function unused(): undefined {
  return undefined;
}
