/** The seam of `@Compressed`: whatever has these three methods, sync or async, under these names or mapped to them. */
export interface CacheStore {
  /** The value, or undefined; or a promise of it. */
  get(key: string): unknown;
  /** `rest` (a ttl, options) is handed on as it is. */
  set(key: string, value: unknown, ...rest: unknown[]): unknown;
  /** Whatever the store answers is handed on. */
  delete(key: string): unknown;
}
