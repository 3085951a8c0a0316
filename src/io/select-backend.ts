/**
 * Which backend is used: the best one that loads here, or the one that was asked for. Nothing native is loaded before
 * the first call.
 */
import { AtcError, isAtcError, shown } from '../errors.js';
import { koffiBackend } from './koffi-backend.js';
import { LateMappedFile } from './late-mapping.js';
import type { MapMode, MappedFile, MappingBackend, MappingBackendName } from './mapping.js';
import { mmapIoBackend } from './mmap-io-backend.js';
import { OpenFile } from './open-file.js';
import { readBackend } from './read-backend.js';

/** 'auto' takes the first that loads; a name forces it, UNSUPPORTED where it does not load. */
export type MappingBackendChoice = 'auto' | MappingBackendName;

/**
 * In the order in which `auto` tries them. koffi first: as fast as mmap-io once loaded, loads 5 to 10 times faster
 * (mmap-io brings node-pre-gyp along), needs no compiler, maps any size and unmaps on request (docs/mapping.md has
 * the figures).
 */
const BACKENDS: readonly MappingBackend[] = [koffiBackend, mmapIoBackend, readBackend];

export const MAPPING_BACKENDS: readonly MappingBackendName[] = BACKENDS.map((backend) => backend.name);

/** The code of the one warning about a missing native module, for `process.on('warning')` and `--disable-warning`. */
export const FALLBACK_WARNING = 'ATC_MAPPING_FALLBACK';

let warned = false;

/**
 * Every backend with whether it can be used here; what a diagnosis prints. Loads the native modules that are installed.
 */
export function listBackends(): { name: MappingBackendName; available: boolean; reason?: string }[] {
  return BACKENDS.map((backend) => {
    const state = backend.available();
    return state === true
      ? { name: backend.name, available: true }
      : { name: backend.name, available: false, reason: state.reason };
  });
}

/** The backend of that name, or for `auto` the best one here. UNSUPPORTED for a forced one that cannot be loaded. */
export function selectBackend(choice: MappingBackendChoice = 'auto'): MappingBackend {
  for (const backend of candidates(choice)) return backend;
  throw new AtcError('UNSUPPORTED', 'no mapping backend');
}

/**
 * Opens an existing file with the chosen backend. `auto` goes on to the next one when a file is beyond what a backend
 * can map (size, holes, an address-space limit); a forced backend says UNSUPPORTED instead. In mode `r` it maps, and
 * loads a module, only when a window is asked for: a process that only reads blocks does not pay for it.
 */
export function openMapped(path: string, mode: MappedFile['mode'], choice: MappingBackendChoice = 'auto'): MappedFile {
  const file = new OpenFile(path, mode === 'r+');
  if (choice === 'auto' && mode === 'r') return new LateMappedFile(file, (open) => adopt(open, mode, choice));
  try {
    return adopt(file, mode, choice);
  } catch (error) {
    file.close();
    throw error;
  }
}

function adopt(file: OpenFile, mode: MappedFile['mode'], choice: MappingBackendChoice): MappedFile {
  let refusal: unknown;
  for (const backend of candidates(choice)) {
    try {
      return backend.adopt(file, mode);
    } catch (error) {
      if (!isAtcError(error, 'UNSUPPORTED')) throw error;
      refusal = error;
    }
  }
  throw refusal;
}

/** A mode as a caller gave it; ARGUMENT for anything else. */
export function checkMode<M extends MapMode>(mode: unknown, allowed: readonly M[]): M {
  if (allowed.includes(mode as M)) return mode as M;
  throw new AtcError('ARGUMENT', `mode must be one of ${allowed.join(', ')}, got ${shown(mode)}`);
}

/** Lazily, so that `auto` loads no further module than it needs. */
function* candidates(choice: MappingBackendChoice): Generator<MappingBackend, void> {
  if (choice === 'auto') {
    let native = false;
    for (const backend of BACKENDS) {
      if (backend.available() !== true) continue;
      if (backend !== readBackend) native = true;
      else if (!native) warnOnce();
      yield backend;
    }
    return;
  }
  const backend = BACKENDS.find(({ name }) => name === choice);
  if (backend === undefined) {
    throw new AtcError(
      'ARGUMENT',
      `mapping backend must be auto, ${MAPPING_BACKENDS.join(', ')}, got ${shown(choice)}`,
    );
  }
  const state = backend.available();
  if (state !== true) {
    const name = choice === 'mmap-io' ? 'mmap-io@npm:@riaskov/mmap-io@~1.4.3 (it needs a C++ compiler)' : choice;
    throw new AtcError(
      'UNSUPPORTED',
      `mapping backend '${choice}' was asked for but is not available: ${state.reason}. Choose 'auto', or npm ` +
        `install ${name}`,
    );
  }
  yield backend;
}

function warnOnce(): void {
  if (warned) return;
  warned = true;
  const reasons = listBackends().flatMap(({ reason }) => reason ?? []);
  process.emitWarning(
    'no memory-mapping module can be loaded, files are read instead: same results, slower random access ' +
      `(${reasons.join('; ')})`,
    { type: 'AtcWarning', code: FALLBACK_WARNING },
  );
}
