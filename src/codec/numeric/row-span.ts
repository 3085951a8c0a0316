/** Which rows of a column have to be decoded for some of them. */
import {
  FORM_SMOOTHED,
  PREDICT_DELTA,
  PREDICT_LINEAR,
  PREDICT_PREVIOUS,
  PREDICT_SPREAD,
} from '../../kernels/kernels.js';
import { VECTOR } from '../../kernels/offsets.js';
import type { ChunkHeader } from './header.js';
import { LAYOUT_PLAIN, STREAM_PACKED, STREAM_TANS, STREAM_ZEROS } from './wire.js';

/** Rows [from, to) of a block. */
export interface RowSpan {
  readonly from: number;
  readonly to: number;
}

/** Whether a column has nothing but one stream of residuals behind its header: of any other every row is decoded. */
export function isOneStream(header: ChunkHeader): boolean {
  const { layout, form, hasUlps, hasExceptions } = header;
  return layout === LAYOUT_PLAIN && form !== FORM_SMOOTHED && !hasUlps && !hasExceptions;
}

/** Predictors that go by the row before, and so by all rows before. */
function isChain(kind: number): boolean {
  return kind === PREDICT_DELTA || kind === PREDICT_LINEAR || kind === PREDICT_SPREAD;
}

/** Whether a column is an arithmetic sequence, as most timestamps are: any row follows from its number. */
export function isSequence({ start }: ChunkHeader, mode: number): boolean {
  return mode === STREAM_ZEROS && start.kind === PREDICT_LINEAR && start.offset === 0n;
}

/**
 * The rows to decode for the `wanted` ones, in whole vectors. tANS and chains go from the beginning on; a packed stream
 * of residuals that each depend on their own row only is entered where it is needed. `mode` is the first byte of the
 * stream.
 */
export function spanFor(header: ChunkHeader, mode: number, wanted: RowSpan, rows: number): RowSpan {
  const isKnown = mode === STREAM_ZEROS || mode === STREAM_PACKED || mode === STREAM_TANS;
  if (!isKnown || !isOneStream(header)) return { from: 0, to: rows };
  const isEntered = (mode !== STREAM_TANS && !isChain(header.start.kind)) || isSequence(header, mode);
  return {
    from: isEntered ? wanted.from - (wanted.from % VECTOR) : 0,
    to: Math.min(rows, Math.ceil(wanted.to / VECTOR) * VECTOR),
  };
}

/** The rows of a ref that these rows depend on. */
export function refSpan(kind: number, { from, to }: RowSpan): RowSpan {
  return kind === PREDICT_PREVIOUS && from > 0 ? { from: from - 1, to } : { from, to };
}
