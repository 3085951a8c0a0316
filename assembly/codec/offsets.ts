// The offsets of src/kernels/offsets.ts, as addresses.
import * as at from '../../src/kernels/offsets';

export const TABLE: usize = at.TABLE;
export const SPREAD: usize = at.SPREAD;
export const CLASSES: usize = at.CLASSES;
export const CRC_TABLES: usize = at.CRC_TABLES;
export const CRC_WORK: usize = at.CRC_WORK;
export const INPUT: usize = at.INPUT;
export const PLANE_BYTES: usize = at.PLANE_BYTES;
export const PLANE_A: usize = at.PLANE_A;
export const PLANE_B: usize = at.PLANE_B;
export const PLANE_C: usize = at.PLANE_C;
export const OUT: usize = at.OUT;
export const UNITS_U: usize = at.UNITS_U;
export const UNITS_A: usize = at.UNITS_A;
export const UNITS_B: usize = at.UNITS_B;
export const ENTRIES: usize = at.ENTRIES;
export const ZERO: usize = at.ZERO;
export const FACTORS: usize = at.FACTORS;
export const WHOLE_FACTORS: usize = at.WHOLE_FACTORS;
export const SCALES: usize = at.SCALES;
export const BASES: usize = at.BASES;
export const TICKS: usize = at.TICKS;
export const STEPS: usize = at.STEPS;
export const VECTOR: i32 = at.VECTOR;
