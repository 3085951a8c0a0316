/** Encoder's side of the 64-bit chains: zigzag residuals to plane A. */
import { type Arena, PLANE_A, PLANE_BYTES } from '../arena.js';
import { PREDICT_DELTA, PREDICT_LINEAR } from '../kernels.js';
import { roundToInteger } from './predict.js';

function putZigzag({ u32 }: Arena, i: number, residual: bigint): void {
  const r = BigInt.asIntN(64, residual);
  const z = BigInt.asUintN(64, (r << 1n) ^ (r >> 63n));
  u32[(PLANE_A >> 2) + i] = Number(z & 0xffffffffn);
  u32[((PLANE_A + PLANE_BYTES) >> 2) + i] = Number(z >> 32n);
}

export function residualRows(arena: Arena, src: number, n: number, kind: number): void {
  const u = arena.i64.subarray(src >> 3, (src >> 3) + n);
  for (let i = 0; i < n; i++) {
    let expected = 0n;
    if (kind === PREDICT_DELTA) expected = u[i > 0 ? i - 1 : 0];
    else if (kind === PREDICT_LINEAR) expected = i < 2 ? u[i] : 2n * u[i - 1] - u[i - 2];
    putZigzag(arena, i, u[i] - expected);
  }
}

export function residualLpcRows(arena: Arena, src: number, n: number, coefficients: Float64Array): void {
  const u = arena.i64.subarray(src >> 3, (src >> 3) + n);
  const order = coefficients.length;
  const history = new Float64Array(order);
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let k = 0; k < order; k++) sum += coefficients[k] * history[k];
    const difference = i > 0 ? BigInt.asIntN(64, u[i] - u[i - 1]) : 0n;
    putZigzag(arena, i, difference - roundToInteger(sum));
    for (let k = order - 1; k > 0; k--) history[k] = history[k - 1];
    if (order > 0) history[0] = Number(difference);
  }
}
