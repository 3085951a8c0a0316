declare module 'cache-manager-fs-hash' {
  /** The package has no types. */
  export class DiskStore {
    constructor(options: { path: string; zip?: boolean; subdirs?: boolean; hash?: boolean; ttl?: number });
    get(key: string): Promise<unknown>;
    set(key: string, value: unknown, ttl?: number): Promise<void>;
    delete(key: string): Promise<void>;
    clear(): Promise<void>;
  }
}
