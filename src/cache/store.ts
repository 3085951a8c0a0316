/** The seam of `@Compressed`: whatever has these three methods, sync or async, under these names or mapped to them. */
export interface CacheStore {
  get(key: string): unknown;
  set(key: string, value: unknown, ...rest: unknown[]): unknown;
  delete(key: string): unknown;
}
