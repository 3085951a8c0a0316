import type { SweepStrategy } from 'atc-memory/sweep';

export function momentum(options?: {
  readonly spinMs?: number;
  readonly version?: number;
  readonly deadly?: number;
  readonly throwing?: number;
}): SweepStrategy;
