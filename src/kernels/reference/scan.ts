/** Small scans of an encoder over whole columns. */
import { type Arena } from '../arena.js';
import { OUT, UNITS_U } from '../offsets.js';

export function extremesOfRows({ f64 }: Arena, src: number, n: number): [min: number, max: number] {
  let min = f64[src >> 3];
  let max = min;
  for (let i = 1; i < n; i++) {
    const x = f64[(src >> 3) + i];
    if (x < min) min = x;
    if (x > max) max = x;
  }
  return [min, max];
}

export function indivisibleRow({ f64 }: Arena, from: number, n: number, base: number, divisor: number): number {
  for (let i = from; i < n; i++) {
    const x = f64[(OUT >> 3) + i] - base;
    if (Math.floor(x / divisor) * divisor !== x) return i;
  }
  return n;
}

export function narrowRows({ f64, i32 }: Arena, n: number, base: number, tick: number): void {
  for (let i = 0; i < n; i++) i32[(UNITS_U >> 2) + i] = (f64[(OUT >> 3) + i] - base) / tick;
}

export function equalBytes({ u8 }: Arena, other: number, bytes: number): boolean {
  for (let i = 0; i < bytes; i++) if (u8[OUT + i] !== u8[other + i]) return false;
  return true;
}
