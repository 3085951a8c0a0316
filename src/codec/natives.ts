/**
 * Where native speed-ups come in. This folder has no node: imports: the entry point registers a loader, and the
 * first chunk that could use it runs it. Answers never depend on it: natives only decode, and every one has a
 * TypeScript twin.
 */
export interface NativeCompression {
  /** Decodes one LZ4 block of exactly `length` bytes. Throws, or returns another length, when the block is damaged. */
  readonly lz4Decode?: (block: Uint8Array, length: number) => Uint8Array;
  /** Inflates a raw deflate stream of exactly `length` bytes; `consumed` is how much of the input it took. */
  readonly inflateRaw?: (deflated: Uint8Array, length: number) => { bytes: Uint8Array; consumed: number };
}

let load: (() => NativeCompression) | undefined;
let loaded: NativeCompression | undefined;

/** Registers how to load natives; nothing is loaded before the first use. Undefined goes back to plain TypeScript. */
export function provideNativeCompression(loader: (() => NativeCompression) | undefined): void {
  load = loader;
  loaded = undefined;
}

export function nativeCompression(): NativeCompression {
  return (loaded ??= load?.() ?? {});
}

/** Which decoder of each kind is in use, for diagnostics. Loads the natives. */
export function compressionBackends(): { lz4: 'lz4-napi' | 'typescript'; inflate: 'node:zlib' | 'typescript' } {
  const natives = nativeCompression();
  return {
    lz4: natives.lz4Decode ? 'lz4-napi' : 'typescript',
    inflate: natives.inflateRaw ? 'node:zlib' : 'typescript',
  };
}
