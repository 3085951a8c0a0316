/** Codes a compounded result as the path of prices it came from; docs/format.md has the bytes. */
import type { Kernels } from '../../kernels/kernels.js';
import { ChunkWriter } from '../numeric/chunk-writer.js';
import { planesOf } from '../numeric/residual-planes.js';
import { planStream, type StreamPolicy, writeStream } from '../numeric/stream.js';
import { grown, priceOf } from './gain.js';
import { growthPath } from './path.js';
import { chooseRule } from './rule.js';
import { ROW_JUMP_STEP, ROW_JUMP_TURN, ROW_LITERAL, ROW_SAME, ROW_STEP, ROW_TURN } from './wire.js';

/** Largest correction, in units in the last place. */
const MOST_ULPS = 1 << 20;

function zigzag(x: number): number {
  return ((x << 1) ^ (x >> 31)) >>> 0;
}

/** A chunk, or undefined for a column that is not a compounded result. */
export function encodeGrowth(kernels: Kernels, values: Float64Array, policy: StreamPolicy): Uint8Array | undefined {
  const path = growthPath(values);
  if (path === undefined) return undefined;
  const rule = chooseRule(values, path);
  const n = values.length;
  const kinds = planesOf(n, false);
  const changes = planesOf(path.steps, false);
  const jumps = planesOf(path.steps, false);
  const ulps = planesOf(path.steps, false);
  const literals: number[] = [];
  const pair = new Float64Array(2);
  const words = new Int32Array(pair.buffer);
  let [steps, jumped, side, pathSide, first, price] = [0, 0, 1, 1, 0, 0];
  for (let i = 0; i < n; i++) {
    const kind = path.kinds[i];
    kinds.low[i] = kind;
    if (kind === ROW_SAME) continue;
    if (kind === ROW_LITERAL) {
      literals.push(i);
      continue;
    }
    if (kind === ROW_TURN || kind === ROW_JUMP_TURN) pathSide = -pathSide;
    const [before, after] = [path.before[i], path.after[i]];
    pair[0] = grown(values[i - 1], priceOf(rule, before), priceOf(rule, after), pathSide, rule.gain);
    pair[1] = values[i];
    const distance = (words[3] - words[1]) * 4294967296 + ((words[2] >>> 0) - (words[0] >>> 0));
    if (!(Math.abs(distance) <= MOST_ULPS)) {
      kinds.low[i] = ROW_LITERAL;
      literals.push(i);
      continue;
    }
    if (steps === 0) first = price = before;
    const turned = pathSide !== side;
    if (before !== price) {
      jumps.low[jumped++] = zigzag(before - price);
      kinds.low[i] = turned ? ROW_JUMP_TURN : ROW_JUMP_STEP;
    } else kinds.low[i] = turned ? ROW_TURN : ROW_STEP;
    changes.low[steps] = zigzag(after - before);
    ulps.low[steps++] = zigzag(distance);
    side = pathSide;
    price = after;
  }
  const writer = new ChunkWriter(16 * 1024);
  writer.byte(rule.form | (rule.gain << 3));
  writer.byte(rule.exponent);
  writer.unsigned(rule.tick);
  writer.unsigned(first);
  for (const [planes, length] of [
    [kinds, n],
    [changes, steps],
    [jumps, jumped],
    [ulps, steps],
  ] as const) {
    const low = planes.low.subarray(0, length);
    writeStream(kernels, writer, planStream(kernels, { low, high: undefined, length }, policy));
  }
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  for (const row of literals) writer.bytes(bytes.subarray(8 * row, 8 * row + 8));
  return writer.finish();
}
