/**
 * A stream's state as bytes, to go on after a restart: a value of `encodeValue`, whose checksum detects damage. The
 * fields are described in docs/atc.md. What the kernel holds belongs to one version of its arithmetic and one layout,
 * so a state of another is refused.
 */
import { AtcError, decodeValue, encodeValue } from 'atc-memory';
import type { AtcEngine } from './engine.js';
import type { AtcKernel } from './kernel/choose-kernel.js';
import { ATC_KERNEL_VERSION } from './kernel-version.js';
import { firstDifferentParameter, type ResolvedAtcParameters } from './parameters.js';

const FORMAT = 'atc stream';
const VERSION = 1;

/**
 * Of compression: sums and tables of doubles gain little from a higher one, and a live system saves after every candle.
 */
const LEVEL = 1;

/** Far above the state of the longest averages, some 10 MB with the reference. */
const MAX_STATE_BYTES = 1 << 26;

export interface SavedStream {
  readonly kernel: AtcKernel;
  /** Bars consumed. */
  readonly bars: number;
  /** What the engine's `save` gave. */
  readonly engine: unknown;
}

export function encodeStream(saved: SavedStream, parameters: ResolvedAtcParameters): Uint8Array {
  const facts = { format: FORMAT, version: VERSION, kernelVersion: ATC_KERNEL_VERSION, parameters };
  return encodeValue({ ...facts, ...saved }, { level: LEVEL });
}

/**
 * @throws AtcError CORRUPT for damaged bytes, FORMAT_VERSION for those of another version of the format or of the
 * kernel, ARGUMENT for what is no state or one of other parameters.
 */
export function decodeStream(bytes: Uint8Array, parameters: ResolvedAtcParameters): SavedStream {
  if (Object.prototype.toString.call(bytes) !== '[object Uint8Array]') {
    throw new AtcError('ARGUMENT', 'state must be a Uint8Array: what state() of a stream returned');
  }
  const saved = decodeValue(bytes, { maxBytes: MAX_STATE_BYTES }) as Partial<Record<string, unknown>> | null;
  if (saved?.format !== FORMAT) throw new AtcError('ARGUMENT', 'state is not that of an ATC stream');
  const { version, kernelVersion, kernel, bars, engine } = saved;
  if (version !== VERSION || kernelVersion !== ATC_KERNEL_VERSION) {
    throw new AtcError(
      'FORMAT_VERSION',
      `the state has version ${String(version)} and is of ATC kernel ${String(kernelVersion)}, this release resumes ` +
        `version ${VERSION} of kernel ${ATC_KERNEL_VERSION}; start a stream and push the history again`,
    );
  }
  const key = firstDifferentParameter(saved.parameters as Partial<ResolvedAtcParameters>, parameters);
  if (key !== undefined) {
    const shown = (from: unknown) => JSON.stringify((from as Record<string, unknown> | undefined)?.[key]);
    const message =
      `the state was saved with ${key} ${shown(saved.parameters)}, now it is ${shown(parameters)}; resume with the ` +
      'same';
    throw new AtcError('ARGUMENT', message, { key });
  }
  if (!Number.isSafeInteger(bars) || (bars as number) < 0) throw damagedState();
  return { kernel: kernel as AtcKernel, bars: bars as number, engine };
}

/** Puts a decoded state into an engine that has consumed nothing. */
export function resumeEngine(engine: AtcEngine, saved: SavedStream): void {
  if (!engine.resume(saved.engine, saved.bars)) throw damagedState();
}

function damagedState(): AtcError {
  return new AtcError(
    'CORRUPT',
    'the state of the ATC stream is not one that a stream can have; push the history again',
  );
}
