/** The header of an integer chunk: how integers become elements, and how they were predicted. */
import {
  FORM_BITS,
  FORM_COUNT,
  FORM_INTEGER,
  FORM_RATIO,
  FORM_SMOOTHED,
  PREDICT_DELTA,
  PREDICT_LINEAR,
  PREDICT_MAX,
  PREDICT_MIN,
  PREDICT_NONE,
  PREDICT_PREVIOUS,
  PREDICT_SAME,
  PREDICT_SPREAD,
  PREDICTOR_COUNT,
  type PredictorStart,
} from '../../kernels/kernels.js';
import { MAX_EXPONENT } from '../../kernels/powers.js';
import { chunkDamage } from '../corrupt.js';
import type { ChunkReader } from './chunk-reader.js';
import type { ChunkWriter } from './chunk-writer.js';
import { LAYOUT_GROUPS, LAYOUT_LPC } from './wire.js';

export interface ChunkHeader {
  form: number;
  /** Integers of 64 bits rather than 31. */
  wide: boolean;
  hasUlps: boolean;
  hasExceptions: boolean;
  exponent: number;
  /** Of FORM_RATIO, at most 2^53. */
  divisor: number;
  /** Of FORM_SMOOTHED: the weight of a new value, and the element of row 0. */
  alpha: number;
  seed: number;
  /** Value = base + tick * u. */
  base: bigint;
  tick: bigint;
  layout: number;
  start: PredictorStart;
}

/** Refs a predictor looks at. */
export function refCount(kind: number): number {
  if (kind === PREDICT_SAME || kind === PREDICT_PREVIOUS || kind === PREDICT_SPREAD) return 1;
  return kind === PREDICT_MAX || kind === PREDICT_MIN ? 2 : 0;
}

function hasFirst(kind: number): boolean {
  return kind === PREDICT_DELTA || kind === PREDICT_LINEAR || kind === PREDICT_SPREAD;
}

/** Forms with a decimal exponent. */
function hasExponent(form: number): boolean {
  return form !== FORM_INTEGER && form !== FORM_BITS && form !== FORM_RATIO;
}

export function writeHeader(writer: ChunkWriter, header: ChunkHeader): void {
  const { form, start } = header;
  writer.byte(form | (header.wide ? 8 : 0) | (header.hasUlps ? 16 : 0) | (header.hasExceptions ? 32 : 0));
  if (hasExponent(form)) writer.byte(header.exponent);
  if (form === FORM_RATIO) writer.unsigned(header.divisor);
  if (form === FORM_SMOOTHED) {
    writer.float64(header.alpha);
    writer.float64(header.seed);
  }
  if (form !== FORM_BITS) {
    writer.signed(header.base);
    writer.unsigned(header.tick);
  }
  writer.byte(start.kind | (start.zigzag ? 8 : 0) | (header.layout << 4));
  if (hasFirst(start.kind)) writer.signed(start.first);
  if (start.kind === PREDICT_LINEAR) writer.signed(start.firstDelta);
  if (!start.zigzag) writer.signed(start.offset);
}

export function readHeader(reader: ChunkReader): ChunkHeader {
  const from = reader.at;
  const flags = reader.byte();
  const form = flags & 7;
  if (form >= FORM_COUNT || flags >= 64) throw chunkDamage(`unknown form ${flags}`, from);
  const exponent = hasExponent(form) ? reader.byte() : 0;
  if (exponent > MAX_EXPONENT) throw chunkDamage(`decimal exponent ${exponent}`, from + 1);
  const divisor = form === FORM_RATIO ? readDivisor(reader) : 1;
  const alpha = form === FORM_SMOOTHED ? reader.float64() : 0;
  const seed = form === FORM_SMOOTHED ? reader.float64() : 0;
  const base = form === FORM_BITS ? 0n : BigInt.asIntN(64, reader.signed());
  const tick = form === FORM_BITS ? 1n : reader.unsigned();
  const at = reader.at;
  // A product with 0 would be -0 or 0 by the sign of u: kernels that add no base of 0 would differ in it.
  if (tick === 0n) throw chunkDamage('a tick of 0', at - 1);
  const predictor = reader.byte();
  const kind = predictor & 7;
  const layout = predictor >> 4;
  if (kind >= PREDICTOR_COUNT || layout > LAYOUT_LPC) throw chunkDamage(`unknown predictor ${predictor}`, at);
  if (layout === LAYOUT_LPC && (kind !== PREDICT_DELTA || (flags & 8) === 0)) {
    throw chunkDamage('linear prediction of narrow integers', at);
  }
  if (layout === LAYOUT_GROUPS && kind !== PREDICT_NONE) throw chunkDamage('digit groups that are predicted', at);
  const zigzag = (predictor & 8) !== 0;
  return {
    form,
    wide: (flags & 8) !== 0,
    hasUlps: (flags & 16) !== 0,
    hasExceptions: (flags & 32) !== 0,
    exponent,
    divisor,
    alpha,
    seed,
    base,
    tick,
    layout,
    start: {
      kind,
      wide: (flags & 8) !== 0,
      zigzag,
      first: hasFirst(kind) ? reader.signed() : 0n,
      firstDelta: kind === PREDICT_LINEAR ? reader.signed() : 0n,
      offset: zigzag ? 0n : reader.signed(),
    },
  };
}

/** Up to 2^53, so that it is an exact double. */
function readDivisor(reader: ChunkReader): number {
  const from = reader.at;
  const divisor = reader.unsigned();
  if (divisor < 1n || divisor > 1n << 53n) throw chunkDamage(`divisor ${divisor}`, from);
  return Number(divisor);
}
