/** Indices of an array, counted from its end where they are negative, as positions in its file. */
import { AtcError, shown } from '../errors.js';
import type { ArrayOrder } from './npy-header.js';

/** What an index is counted by. */
export interface Axes {
  readonly shape: readonly number[];
  readonly order: ArrayOrder;
}

/** A flat index, not yet checked against `length`; -1 for indices outside of an axis. */
export function flatIndex(index: number | readonly number[], { shape, order }: Axes, length: number): number {
  if (typeof index === 'number') {
    const whole = Math.trunc(index) || 0;
    return whole < 0 ? whole + length : whole;
  }
  if (!Array.isArray(index)) {
    throw new AtcError('ARGUMENT', `an index must be a number or a list with one per axis, got ${shown(index)}`);
  }
  if (index.length !== shape.length) {
    throw new AtcError('ARGUMENT', `${shape.length} indices are needed, one per axis, got ${index.length}`);
  }
  let flat = 0;
  for (let step = 0; step < shape.length; step++) {
    const axis = order === 'F' ? shape.length - 1 - step : step;
    const i = index[axis] < 0 ? index[axis] + shape[axis] : index[axis];
    if (!(Number.isInteger(i) && i >= 0 && i < shape[axis])) return -1;
    flat = flat * shape[axis] + i;
  }
  return flat;
}

/** The bounds of `slice` as Array.prototype.slice takes them. */
export function clampedRange(length: number, from = 0, to = length): [number, number] {
  const clamp = (index: number) => {
    if (typeof index !== 'number') {
      throw new AtcError('ARGUMENT', `the bounds of elements must be numbers, got ${shown(index)}`);
    }
    const whole = Math.trunc(index) || 0;
    return whole < 0 ? Math.max(0, whole + length) : Math.min(whole, length);
  };
  const start = clamp(from);
  return [start, Math.max(start, clamp(to))];
}
