/** The catalogue of a remote dataset, or of one of its snapshots. */
import { AtcError } from '../../errors.js';
import { refusedStatus } from '../../remote/answer.js';
import type { RemoteClient } from '../../remote/client.js';
import type { RemoteLocation } from '../../remote/location.js';
import { RemoteFile } from '../../remote/remote-file.js';
import type { DatasetLayout } from '../../table.js';
import { BRIEF_FILE, type BriefCatalogue, type BriefSymbol } from '../brief-catalogue.js';
import { decodeBrief } from '../brief-reader.js';
import { CATALOGUE_FILE, type Catalogue, decodeCatalogue, PagedCatalogue, type SymbolEntry } from '../catalogue.js';
import { CataloguePages, decodePage } from '../catalogue-pages.js';
import { decodeVersion, versionFileName } from '../versions/version-files.js';
import { type AsOf, wantedVersion } from '../versions/version-name.js';

/** What is known of a symbol before any of its files is opened. */
export type RemoteSymbol = BriefSymbol;

/** What is known of a dataset before any of its files is opened. */
export interface RemoteCatalogue {
  readonly layout: DatasetLayout;
  readonly generation: number;
  /** Of the snapshot that was asked for. */
  readonly name?: string;
  /** A version that never changes. */
  readonly isFixed: boolean;
  readonly entries: ReadonlyMap<string, RemoteSymbol>;
  /** The catalogue itself, where it was read already. */
  readonly whole?: Catalogue;
}

/** A catalogue of 100,000 symbols takes some 60 MB. */
const MAX_CATALOGUE_BYTES = 1 << 28;

/**
 * Reads the current catalogue, or that of a snapshot by its name or of a retained generation by its number.
 *
 * @throws AtcError IO where there is none; CORRUPT or FORMAT_VERSION for one that cannot be used; ARGUMENT for a
 * version that there is not; UNSUPPORTED for a time, because nobody can list the versions on a server of files.
 */
export async function readRemoteCatalogue(
  client: RemoteClient,
  location: RemoteLocation,
  asOf: AsOf | undefined,
  signal: AbortSignal | undefined,
): Promise<RemoteCatalogue> {
  if (asOf !== undefined) return readVersion(client, location, asOf, signal);
  const brief = await readBrief(client, location, signal);
  if (brief !== undefined) return brief;
  return described(await readWhole(client, location, signal), { isFixed: false });
}

/** Undefined where there is none, as in datasets of older releases, or none that is whole. */
async function readBrief(
  client: RemoteClient,
  location: RemoteLocation,
  signal: AbortSignal | undefined,
): Promise<RemoteCatalogue | undefined> {
  const file = new RemoteFile(client, location.file(BRIEF_FILE), MAX_CATALOGUE_BYTES);
  try {
    const brief = decodeBrief(await file.readAll(signal));
    return brief && described(brief, { isFixed: false });
  } catch (error) {
    // Buckets whose files may not be listed answer 403 for one that is not there.
    if ([403, 404].includes(refusedStatus(error) ?? 0)) return undefined;
    throw error;
  }
}

/** The catalogue itself. */
export async function readWhole(
  client: RemoteClient,
  location: RemoteLocation,
  signal: AbortSignal | undefined,
): Promise<Catalogue> {
  const file = new RemoteFile(client, location.file(CATALOGUE_FILE), MAX_CATALOGUE_BYTES);
  let bytes: Uint8Array;
  try {
    bytes = await file.readAll(signal);
  } catch (error) {
    if (refusedStatus(error) !== 404) throw error;
    const what = `${location.shown} is not a dataset: it has no ${CATALOGUE_FILE} (404); check the URL`;
    throw new AtcError('IO', what, { path: location.shown, cause: error });
  }
  const text = new TextDecoder().decode(bytes);
  // Servers of applications answer 200 with their page for every path.
  if (!text.trimStart().startsWith('<')) {
    return withPages(client, location, decodeCatalogue(text, file.location.shown), signal);
  }
  const what = `${location.shown} is not a dataset: for ${CATALOGUE_FILE} the server sends a page (HTML or XML)`;
  throw new AtcError('CORRUPT', `${what}; check the URL`, { path: location.shown });
}

async function readVersion(
  client: RemoteClient,
  location: RemoteLocation,
  asOf: AsOf,
  signal: AbortSignal | undefined,
): Promise<RemoteCatalogue> {
  const wanted = wantedVersion(asOf);
  if ('timeMs' in wanted) {
    const what = `${location.shown}: a version is found by its time only where its directory can be listed`;
    throw new AtcError('UNSUPPORTED', `${what}; name a snapshot, or the number of a retained generation`);
  }
  const id = 'name' in wanted ? wanted.name : String(wanted.generation);
  const file = new RemoteFile(client, location.file(versionFileName(id)), MAX_CATALOGUE_BYTES);
  let bytes: Uint8Array;
  try {
    bytes = await file.readAll(signal);
  } catch (error) {
    if (refusedStatus(error) !== 404) throw error;
    const current = await readRemoteCatalogue(client, location, undefined, signal);
    if ('generation' in wanted && current.generation === wanted.generation) {
      return { ...current, isFixed: true };
    }
    const what = 'name' in wanted ? `snapshot "${id}"` : `generation ${id} (any more)`;
    throw new AtcError('ARGUMENT', `${location.shown} has no ${what}`, { path: location.shown, cause: error });
  }
  const { catalogue, name } = decodeVersion(new TextDecoder().decode(bytes), id, location.shown, file.location.shown);
  return described(await withPages(client, location, catalogue, signal), { isFixed: true, name });
}

/** Pages that are requested at once. */
const PAGES_AT_ONCE = 8;

/** With all its pages in memory, where it has pages. */
async function withPages(
  client: RemoteClient,
  location: RemoteLocation,
  catalogue: Catalogue,
  signal: AbortSignal | undefined,
): Promise<Catalogue> {
  if (!(catalogue instanceof PagedCatalogue)) return catalogue;
  const { content } = catalogue.pages;
  const loaded: [number, readonly SymbolEntry[]][] = [];
  for (let from = 0; from < content.pages.length; from += PAGES_AT_ONCE) {
    const some = content.pages.slice(from, from + PAGES_AT_ONCE).map(async (page, k) => {
      const file = new RemoteFile(client, location.file(page.path), MAX_CATALOGUE_BYTES);
      const text = new TextDecoder().decode(await file.readAll(signal));
      loaded.push([from + k, decodePage(page, text, file.location.shown)]);
    });
    await Promise.all(some);
  }
  return new PagedCatalogue(catalogue, new CataloguePages(location.shown, content, loaded));
}

function described(
  catalogue: Catalogue | BriefCatalogue,
  how: { readonly isFixed: boolean; readonly name?: string },
): RemoteCatalogue {
  const { layout, generation, symbols } = catalogue;
  const entries = new Map(symbols.map((entry) => [entry.symbol, entry]));
  return { layout, generation, ...how, entries, ...('compression' in catalogue && { whole: catalogue }) };
}
