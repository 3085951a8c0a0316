/**
 * What a provider holds open, recognised by its methods: an application may have it from another copy of the package.
 */

interface Closable {
  close(): unknown;
}

interface Disconnectable {
  disconnect(): unknown;
}

/** Closes datasets, histories, candle stores and mapped arrays; waits for the writes of file stores. Nothing else. */
export async function closeService(service: unknown): Promise<void> {
  for (const one of [service, ...list(service, 'stores')]) {
    if (isOpenHistory(one)) await one.close();
    else if (isFileStore(one)) await one.disconnect();
  }
}

function isOpenHistory(service: unknown): service is Closable {
  if (!has(service, 'close')) return false;
  const isDataset = has(service, 'table') && has(service, 'append') && has(service, 'refresh');
  const isCandleStore = has(service, 'series') && has(service, 'list') && !has(service, 'emit');
  const isArray = has(service, 'windows') && has(service, 'view') && has(service, 'flush');
  return isDataset || isCandleStore || isArray || has(read(service, 'dataset'), 'table');
}

/** A CompressedFileStore, or a Keyv over one. */
function isFileStore(service: unknown): service is Disconnectable {
  if (!has(service, 'disconnect')) return false;
  return [service, read(service, 'store')].some((one) => has(one, 'readKeyvText') && has(one, 'prune'));
}

function list(service: unknown, name: string): readonly unknown[] {
  const found = read(service, name);
  return Array.isArray(found) ? found : [];
}

function has(service: unknown, method: string): boolean {
  return typeof read(service, method) === 'function';
}

/** Providers may be proxies that refuse to be read outside of a request; undefined for these. */
export function read(service: unknown, name: string): unknown {
  if (typeof service !== 'object' || service === null) return undefined;
  try {
    return (service as Record<string, unknown>)[name];
  } catch {
    return undefined;
  }
}
