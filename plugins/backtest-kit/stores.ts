/**
 * Open stores by directory. The host drops its instances without a word, so files belong to this registry, not to them.
 */
import path from 'node:path';
import { type CandleStore, openCandleStore } from 'atc-memory';
import type { BacktestKitSettings } from './settings.js';

export class StoreRegistry {
  readonly #stores = new Map<string, CandleStore>();

  readonly #settings: BacktestKitSettings;

  constructor(settings: BacktestKitSettings) {
    this.#settings = settings;
  }

  /**
   * The store below the working directory as it is now: the host may change it between runs and drops its instances
   * then.
   */
  open(): CandleStore {
    const { directory, legacy, mode, store: options } = this.#settings;
    const absolute = path.resolve(directory);
    let store = this.#stores.get(absolute);
    if (store === undefined) {
      // Going back, the host's files are the host's business.
      const jsonDirectory = legacy === false || mode !== true ? undefined : path.resolve(legacy);
      store = openCandleStore(absolute, { ...options, jsonDirectory });
      this.#stores.set(absolute, store);
    }
    return store;
  }

  close(): void {
    for (const store of this.#stores.values()) store.close();
    this.#stores.clear();
  }
}
