/**
 * The native decoders: LZ4 from `lz4-napi` (Rust, prebuilt), inflate from Node's zlib. Loaded when the first chunk
 * needs them; without the addon the TypeScript decoder gives the same answers.
 */
import type { NativeCompression } from '../codec/natives.js';
import { requireNow } from '../require-now.js';

/** LZ4 blocks carry no length; lz4-napi wants it in front, as four little-endian bytes, and allocates what it says. */
const SIZE_PREFIX_BYTES = 4;

interface Lz4Addon {
  uncompressSync(sizePrefixed: Uint8Array): Uint8Array;
}

interface Zlib {
  inflateRawSync(
    bytes: Uint8Array,
    options: { info: true; maxOutputLength: number },
  ): { buffer: Uint8Array; engine: { bytesWritten: number } };
}

type Require = (id: string) => unknown;

/**
 * For `provideNativeCompression`. Never throws: what cannot be loaded is left out, the addon with one warning.
 * `require` is this package's own unless a test brings another.
 */
export function loadNativeCompression(require: Require = requireNow): NativeCompression {
  return { ...loadLz4(require), ...loadInflate(require) };
}

function loadLz4(require: Require): Pick<NativeCompression, 'lz4Decode'> {
  let addon: Lz4Addon;
  try {
    addon = require('lz4-napi') as Lz4Addon;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
    process.emitWarning(`lz4-napi cannot be loaded, LZ4 is decoded in TypeScript: same answers, slower (${reason})`, {
      code: 'ATC_LZ4_NATIVE',
    });
    return {};
  }
  let prefixed = new Uint8Array(0);
  return {
    lz4Decode(block, length) {
      const needed = block.length + SIZE_PREFIX_BYTES;
      if (prefixed.length < needed) prefixed = new Uint8Array(needed);
      new DataView(prefixed.buffer).setUint32(0, length, true);
      prefixed.set(block, SIZE_PREFIX_BYTES);
      return addon.uncompressSync(prefixed.subarray(0, needed));
    },
  };
}

function loadInflate(require: Require): Pick<NativeCompression, 'inflateRaw'> {
  const zlib = require('node:zlib') as Zlib;
  return {
    inflateRaw(deflated, length) {
      const { buffer, engine } = zlib.inflateRawSync(deflated, { info: true, maxOutputLength: length });
      return { bytes: buffer, consumed: engine.bytesWritten };
    },
  };
}
