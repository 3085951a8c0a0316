/**
 * Decoder of growth chunks: kinds of row, changes of price, then the arithmetic of gain.ts row by row. Allocates
 * nothing per row.
 */
import { type Dtype, dtypeOf, type TypedArray } from '../../dtype.js';
import { stage } from '../../kernels/arena.js';
import { kernels } from '../../kernels/index.js';
import { FORM_DIVIDE, FORM_MULTIPLY, FORM_SPLIT, type Kernels } from '../../kernels/kernels.js';
import { CONSTANTS, MAX_INPUT, MAX_ROWS, OUT, PLANE_A, PLANE_B, PLANE_BYTES, PLANE_C } from '../../kernels/offsets.js';
import { MAX_EXPONENT, TEN_TO, TEN_TO_MINUS } from '../../kernels/powers.js';
import type { BlockReader, ColumnCodec } from '../codec.js';
import { chunkDamage } from '../corrupt.js';
import { readStream } from '../numeric/bit-layouts.js';
import { ChunkReader } from '../numeric/chunk-reader.js';
import { type GainRule, grown, priceOf } from './gain.js';
import { GAIN_DIFFERENCE, ROW_JUMP_STEP, ROW_JUMP_TURN, ROW_KINDS, ROW_LITERAL, ROW_SAME, ROW_TURN } from './wire.js';

const MOST_TICK = 1 << 20;
const MOST_FIRST = 0x7fff_ffff;

const CHANGES = PLANE_A;
const JUMPS = PLANE_A + PLANE_BYTES;
const ULPS = PLANE_B;
const KINDS = PLANE_C;
/** The price before a step and the one behind it, as doubles; no other codec's loop is running. */
const PRICES = CONSTANTS;

function readRule(reader: ChunkReader): GainRule {
  const flags = reader.byte();
  const form = flags & 7;
  const gain = flags >> 3;
  if (form > FORM_SPLIT || gain > GAIN_DIFFERENCE) throw chunkDamage(`unknown gain ${flags}`, 0);
  const exponent = reader.byte();
  if (exponent > MAX_EXPONENT) throw chunkDamage(`decimal exponent ${exponent}`, 1);
  const tick = reader.count(MOST_TICK, 'tick');
  if (tick === 0) throw chunkDamage('a tick of 0', 2);
  return { form, exponent, tick, gain };
}

export class GrowthDecoder implements ColumnCodec {
  readonly wireId = 17;
  readonly name = 'growth';
  readonly #kernels: () => Kernels;
  readonly #counts = new Int32Array(ROW_KINDS);

  /** `provide` is called on the first decode, not before. */
  constructor(provide: () => Kernels) {
    this.#kernels = provide;
  }

  fromLevel(dtype: Dtype): number {
    return dtype === 'float64' ? 5 : Number.POSITIVE_INFINITY;
  }

  decode(block: BlockReader, column: number, out: TypedArray): void {
    const n = block.rows;
    const { bytes, refs } = block.chunk(column);
    if (n > MAX_ROWS || bytes.length > MAX_INPUT) throw chunkDamage(`${n} rows in ${bytes.length} bytes`, 0);
    if (dtypeOf(out) !== 'float64') throw chunkDamage('growth of another dtype than float64', 0);
    if (refs.length > 0) throw chunkDamage('growth with references', 0);
    const kernels = this.#kernels();
    const reader = new ChunkReader(bytes);
    const rule = readRule(reader);
    const first = reader.count(MOST_FIRST, 'price');
    stage(kernels.arena, bytes);
    const at = reader.at;
    readStream(kernels, reader, KINDS, n, false);
    const counts = this.#countKinds(kernels, n, at);
    const jumps = counts[ROW_JUMP_STEP] + counts[ROW_JUMP_TURN];
    const steps = n - counts[ROW_SAME] - counts[ROW_LITERAL];
    readStream(kernels, reader, CHANGES, steps, false);
    readStream(kernels, reader, JUMPS, jumps, false);
    readStream(kernels, reader, ULPS, steps, false);
    const literals = reader.bytes(8 * counts[ROW_LITERAL]);
    if (reader.at !== reader.length) throw chunkDamage('bytes left over', reader.at);
    grow(kernels, n, rule, first, literals);
    (out as Float64Array).set(kernels.arena.out.subarray(0, n));
  }

  #countKinds({ arena: { u32 } }: Kernels, n: number, at: number): Int32Array {
    const counts = this.#counts.fill(0);
    for (let i = 0; i < n; i++) {
      const kind = u32[(KINDS >> 2) + i];
      if (kind >= ROW_KINDS) throw chunkDamage(`unknown kind of row ${kind}`, at);
      counts[kind]++;
    }
    if (n > 0 && u32[KINDS >> 2] !== ROW_LITERAL) throw chunkDamage('no element to begin with', at);
    return counts;
  }
}

/** Compounded results; encoded by `large-encoders.ts`. */
export const GROWTH: ColumnCodec = new GrowthDecoder(kernels);

/**
 * All rows to OUT; everything was counted before, so no index runs past its stream. Prices are computed in place but
 * for the split form: a double that a function returns is an object each time it is not inlined.
 */
function grow({ arena }: Kernels, n: number, rule: GainRule, first: number, literals: Uint8Array): void {
  const { u8, u32, f64, i64 } = arena;
  const { form, exponent, tick, gain } = rule;
  const out = OUT >> 3;
  const prices = PRICES >> 3;
  const divisor = form === FORM_DIVIDE ? TEN_TO[exponent] : 1;
  const factor = form === FORM_MULTIPLY ? TEN_TO_MINUS[exponent] : 1;
  let step = 0;
  let jumped = 0;
  let literal = 0;
  let side = 1;
  let price = first;
  f64[prices] = (tick * price * factor) / divisor;
  if (form === FORM_SPLIT) f64[prices] = priceOf(rule, price);
  for (let i = 0; i < n; i++) {
    const kind = u32[(KINDS >> 2) + i];
    if (kind === ROW_SAME) {
      u32[2 * (out + i)] = u32[2 * (out + i) - 2];
      u32[2 * (out + i) + 1] = u32[2 * (out + i) - 1];
    } else if (kind === ROW_LITERAL) {
      for (let k = 0; k < 8; k++) u8[OUT + 8 * i + k] = literals[literal++];
    } else {
      if (kind === ROW_TURN || kind === ROW_JUMP_TURN) side = -side;
      if (kind >= ROW_JUMP_STEP) {
        price += unzigzag(u32[(JUMPS >> 2) + jumped++]);
        f64[prices] = (tick * price * factor) / divisor;
        if (form === FORM_SPLIT) f64[prices] = priceOf(rule, price);
      }
      price += unzigzag(u32[(CHANGES >> 2) + step]);
      f64[prices + 1] = (tick * price * factor) / divisor;
      if (form === FORM_SPLIT) f64[prices + 1] = priceOf(rule, price);
      f64[out + i] = grown(f64[out + i - 1], f64[prices], f64[prices + 1], side, gain);
      f64[prices] = f64[prices + 1];
      const ulps = u32[(ULPS >> 2) + step++];
      if (ulps !== 0) i64[out + i] += BigInt(unzigzag(ulps));
    }
  }
}

function unzigzag(z: number): number {
  return (z >>> 1) ^ -(z & 1);
}
