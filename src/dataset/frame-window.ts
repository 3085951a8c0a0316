/** The bytes of one frame in a file of many. */
import type { FrameSource } from '../codec/frame-source.js';
import { AtcError, isAtcError } from '../errors.js';
import type { Segment } from './catalogue-entry.js';

/**
 * The part of `source` that the segment says; all of it where it says nothing. Closes the source when that is damaged.
 */
export function frameIn<S extends FrameSource & { close(): void }>(source: S, segment: Segment): S {
  const { path: relative, offset: first = 0, byteLength } = segment;
  if (byteLength === undefined) return source;
  if (first + byteLength > source.byteLength) {
    source.close();
    const text = `${source.path} is damaged: it ends before the frame at byte ${first} that the catalogue names`;
    throw new AtcError('CORRUPT', `${text}; import the dataset again`, {
      path: source.path ?? relative,
      offset: first,
    });
  }
  return {
    ...source,
    byteLength,
    read: (offset: number, length: number) => source.read(first + offset, length),
    readInto: source.readInto && ((offset: number, target: Uint8Array) => source.readInto?.(first + offset, target)),
  };
}

/** Runs what reads a frame `first` bytes into its file: the damage that it reports is located in the file. */
export function locatedFrom<T>(first: number, run: () => T): T {
  if (first === 0) return run();
  try {
    return run();
  } catch (error) {
    throw located(first, error);
  }
}

function located(first: number, error: unknown): unknown {
  if (!isAtcError(error, 'CORRUPT') || error.offset === undefined) return error;
  const { path, offset, column } = error;
  const message = error.message.replace(`at byte ${offset}`, `at byte ${first + offset}`);
  return new AtcError('CORRUPT', message, { path, offset: first + offset, column, cause: error });
}
