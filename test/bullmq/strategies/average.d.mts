import type { Strategy } from 'atc-memory';

export function average(options?: {
  readonly spinMs?: number;
  readonly columns?: 1 | 3;
  readonly throwing?: string;
  readonly deadly?: string;
  readonly hanging?: string;
  readonly leaving?: string;
}): Strategy<unknown>;
