/** How the server behaves; see kline-server.mjs. */
export interface Behaviour {
  readonly rows: number;
  readonly holes?: readonly (readonly [number, number])[];
  readonly cap?: number;
  readonly busyEvery?: number;
  readonly retryAfter?: number;
  readonly cutEvery?: number;
  readonly failEvery?: number;
  readonly repeats?: boolean;
  readonly rounds?: number;
  readonly delayMs?: number;
}
export const MINUTE: number;
export const START: number;
export function candleAt(minute: number): number[];
export function createKlineServer(behaviour: Behaviour): {
  readonly server: import('node:http').Server;
  readonly log: { readonly since: number; readonly status: number }[];
};
