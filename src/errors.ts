/**
 * The one error class of the package. Callers switch on `code`, never on the text; the text says what happened, where,
 * and what to do. The brand is a registered symbol, so that errors are recognised across duplicate installs, across the
 * ESM and CommonJS builds, and in tests that run in another realm.
 */

const BRAND = Symbol.for('atc-memory/error');

/**
 * Who has to act:
 * caller: ARGUMENT, READ_ONLY, CLOSED · operator: CONFIG, UNSUPPORTED, FORMAT_VERSION · data owner: CORRUPT (damaged
 * bytes, or a source file that is not valid history) · environment: IO · strategy or worker: WORKER.
 */
export type AtcErrorCode =
  | 'ARGUMENT'
  | 'READ_ONLY'
  | 'CLOSED'
  | 'CONFIG'
  | 'UNSUPPORTED'
  | 'FORMAT_VERSION'
  | 'CORRUPT'
  | 'IO'
  | 'WORKER';

/** Where it happened, as far as it is known. */
export interface AtcErrorPlace {
  /** File or directory. */
  readonly path?: string;
  /** Byte offset in that file or frame. */
  readonly offset?: number;
  /** Line of a text file, the first is 1. */
  readonly line?: number;
  /** Column of a text file, by its name or its 1-based number. */
  readonly column?: string | number;
  /** Dotted key of a configuration value. */
  readonly key?: string;
  /** True when the change that was rejected is in force all the same: do not repeat it. */
  readonly applied?: boolean;
  /** The error underneath, where there is one. */
  readonly cause?: unknown;
}

/** The one class of errors. Recognise it with `isAtcError`, which also knows those of another copy of the package. */
export class AtcError extends Error implements AtcErrorPlace {
  /** What kind of error it is, and so whose: stable, unlike the text of the message. */
  readonly code: AtcErrorCode;
  readonly path?: string;
  readonly offset?: number;
  readonly line?: number;
  readonly column?: string | number;
  readonly key?: string;
  /**
   * True when the rejected change is in force all the same (the rename has happened, the sync after it failed): read it
   * again instead of repeating it. Undefined when nothing has changed, or nobody can know.
   */
  readonly applied?: boolean;

  /** `message` says what, where and what to do; `place` is stored as properties. */
  constructor(code: AtcErrorCode, message: string, place: AtcErrorPlace = {}) {
    super(message, place.cause === undefined ? undefined : { cause: place.cause });
    this.name = 'AtcError';
    this.code = code;
    this.path = place.path;
    this.offset = place.offset;
    this.line = place.line;
    this.column = place.column;
    this.key = place.key;
    this.applied = place.applied;
    Object.defineProperty(this, BRAND, { value: true });
  }

  /** True for an AtcError of any copy of this package. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return isAtcError(value);
  }
}

/**
 * Whether `value` is an AtcError (of any copy of the package, module format or thread), and of `code` where one is
 * given.
 */
export function isAtcError(value: unknown, code?: AtcErrorCode): value is AtcError {
  if (typeof value !== 'object' || value === null || !(BRAND in value)) return false;
  return code === undefined || (value as { code?: unknown }).code === code;
}

/**
 * Whatever was thrown, in words: errors of another realm or copy of the package have a message too, and anything may be
 * thrown.
 */
export function reasonOf(thrown: unknown): string {
  const { message } = (typeof thrown === 'object' && thrown !== null ? thrown : {}) as { message?: unknown };
  if (typeof message === 'string') return message;
  try {
    return String(thrown);
  } catch {
    return 'something that has no text was thrown';
  }
}

/**
 * A value as messages show it, in 60 characters at most; never throws, whatever the value does when it is asked for its
 * text.
 */
export function shown(value: unknown): string {
  let text: string;
  try {
    if (typeof value === 'string') text = JSON.stringify(value);
    else if (typeof value === 'bigint') text = `${value}n`;
    else if (typeof value === 'function') text = 'a function';
    else if (Array.isArray(value)) text = 'a list';
    else if (typeof value !== 'object' || value === null) text = String(value);
    else text = value.constructor?.name && value.constructor !== Object ? `a ${value.constructor.name}` : 'an object';
  } catch {
    text = `a ${typeof value} that cannot be shown`;
  }
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
