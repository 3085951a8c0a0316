/** One call of a method of a wrapped store, as what looks at its results needs to know it. */
import type { EntryCodec } from './entry-codec.js';

export interface Call {
  readonly codec: EntryCodec;
  readonly store: object;
  /** Cache key for events, where the first argument looks like one. */
  readonly key: unknown;
  /** Made by a method of the store itself: containers are left as they are, the host may be about to change them. */
  readonly isInner: boolean;
  /** Texts of JSON are left as they are: the store itself may be about to parse them. */
  readonly leavesJson?: boolean;
  /** Throws, or in mode 'verify' reports, that `what` cannot be followed. */
  refuse(what: string): void;
  /** Follows the methods of an instance that is handed out; false where it is left as it is. */
  followHelper?(helper: object): boolean;
}

/** `value` with its entries decoded: passed to what cannot import it without a circle. */
export type Decode = (value: unknown, call: Call, depth?: number) => unknown;
