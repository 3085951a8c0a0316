/**
 * Whose rows the files of a source are where only their names say it: `AAPL/data.csv`, `AAPL/2024.csv`,
 * `BTCUSDT/1h/part-0.parquet`. A name that says nothing of an instrument gives way to the folders that the source lists.
 */
import type { SourceFile, SourceName } from '../format.js';
import { isPlausibleDate, kindOfName, type NameKind } from './words.js';

const ENDINGS = /\.(csv|tsv|psv|txt|dat|prn|json|jsonl|ndjson|feather|arrow|arrows|ipc|parquet|pq|dbn|npy|npz|hst)$/i;
const ARCHIVES = /(?:\.(?:csv|json|parquet))?\.(?:zip|gz|gzip|zst|zstd)$/i;

/** The name of a file without its ending; `stdin` of standard input. */
export function stemOf(name: string): string {
  return name === '-' ? 'stdin' : name.replace(ENDINGS, '');
}

/** Lengths of candles as exchanges number them, in seconds: `BTC/300.json`, `ETH/300.json`. */
const SECONDS = /^(?:60|180|300|900|1800|3600|7200|14400|21600|43200|86400|604800)$/;

/** A name and the folder that it is in. */
interface Level {
  readonly name: string;
  readonly parent: string;
}

interface Candidate {
  readonly file: SourceFile;
  readonly stem: NameKind;
  /** The listed folders above it, the nearest first. */
  readonly folders: readonly (Level & { readonly says: NameKind })[];
}

/**
 * The files with what their names and folders say (`named`). Of files that were given one by one the folders count only
 * where the names of several are the same in different folders, or are dates: those below the folder that all are in.
 */
export function nameFiles(files: readonly SourceFile[]): SourceFile[] {
  const depths = depthsOf(files);
  const numbers = new Numbers();
  for (const file of files) for (const level of levelsOf(file, depths.get(file)!)) numbers.add(level);
  const says = ({ name, parent }: Level) => kindOfName(name, (digits) => numbers.isDate(digits, parent));
  const candidates = files.map((file): Candidate => {
    const [own, ...folders] = levelsOf(file, depths.get(file)!);
    return { file, stem: says(own), folders: folders.map((level) => ({ ...level, says: says(level) })) };
  });
  const repeated = repeatedNames(files);
  const common = commonFolder(candidates);
  return candidates.map((one) => ({ ...one.file, named: nameOf(one, repeated, common) }));
}

function nameOf(
  { file, stem, folders }: Candidate,
  repeated: ReadonlySet<string>,
  common: string | undefined,
): SourceName {
  if (folders.length === 0) return {};
  // Above days and months, `daily` and `monthly` are how often a file was published.
  const isPart = /(?:19|20)\d\d/.test(file.name);
  const above = folders.flatMap(({ says }) => (says.isVague && isPart ? [] : [says]));
  const length = [stem, ...above].find(({ interval }) => interval !== undefined);
  const facts = { interval: length?.interval, isVagueInterval: length?.isVague };
  const mayBeSilent = stem.kind !== 'instrument' || SECONDS.test(stemOf(file.name));
  const isSilent = stem.kind === 'silent' || (mayBeSilent && repeated.has(file.name));
  if (!isSilent) return facts;
  const root = folders[folders.length - 1];
  const own = folders.filter((folder) => isNamed(folder) && (folder !== root || isCapital(root.name)));
  const nearest = own.find(({ name }) => name !== common) ?? own[0];
  const place = folders.find(({ says }) => says.kind === 'place');
  // The folder that the caller named may be called after anything: it comes last.
  const last = isNamed(root) && stem.kind === 'silent' ? root : undefined;
  const found = nearest ?? place ?? last;
  if (found !== undefined) return { ...facts, symbol: plainName(found.name) };
  if (stem.kind !== 'silent') return facts;
  // No folder names an instrument: parts and days of one series are called as what they are parts of.
  if (stem.words.length > 0) return { ...facts, symbol: stem.words.join('_') };
  const generic = folders.find(({ says }) => says.words.length > 0);
  return generic === undefined ? facts : { ...facts, symbol: plainName(generic.name) };
}

function isNamed({ says }: { readonly says: NameKind }): boolean {
  return says.kind === 'instrument' || says.kind === 'capitals';
}

function isCapital(name: string): boolean {
  return name === name.toUpperCase();
}

/**
 * A folder that stands under every instrument is none: `aapl/adjusted set/data.csv`, `msft/adjusted set/data.csv`. Names
 * in capitals are taken for tickers wherever they stand.
 */
function commonFolder(candidates: readonly Candidate[]): string | undefined {
  const silent = candidates.filter(({ stem, folders }) => stem.kind === 'silent' && folders.length > 0);
  const own = silent.map(({ folders }) => folders.filter(isNamed));
  const name = own[0]?.[0]?.name;
  if (name === undefined || isCapital(name)) return undefined;
  const above = new Set(own.map((list) => list[1]?.name ?? ''));
  return own.every((list) => list[0]?.name === name) && above.size > 1 && !above.has('') ? name : undefined;
}

/** An archive counts as a folder: without its ending. */
function plainName(folder: string): string {
  return folder.replace(ARCHIVES, '');
}

/** The file and the last `depth` folders above it, the nearest first. */
function levelsOf({ name, folders }: SourceFile, depth: number): Level[] {
  const levels: Level[] = [{ name: stemOf(name), parent: folders.join('/') }];
  for (let at = folders.length - 1; at >= folders.length - depth; at -= 1) {
    levels.push({ name: plainName(folders[at]), parent: folders.slice(0, at).join('/') });
  }
  return levels;
}

/** How many of the folders above each file are looked at. */
function depthsOf(files: readonly SourceFile[]): ReadonlyMap<SourceFile, number> {
  const single = files.filter(({ path, format, depth }) => depth === 0 && path !== '-' && format === undefined);
  const repeated = repeatedNames(single);
  const loose = new Set(single.length < 2 ? [] : single.filter((file) => repeated.has(file.name) || isDated(file)));
  const shared = sharedLength([...loose].map(({ folders }) => folders));
  return new Map(files.map((file) => [file, loose.has(file) ? file.folders.length - shared + 1 : file.depth]));
}

function isDated({ name }: SourceFile): boolean {
  const { kind, words, interval } = kindOfName(stemOf(name), isPlausibleDate);
  return kind === 'silent' && words.length === 0 && interval === undefined;
}

/** Number of folders that all paths begin with, at least one where there is any. */
function sharedLength([first = [], ...others]: readonly (readonly string[])[]): number {
  let length = first.length;
  for (const one of others) {
    let k = 0;
    while (k < length && one[k] === first[k]) k += 1;
    length = k;
  }
  return Math.max(1, length);
}

/** Names of files that are in several folders. */
function repeatedNames(files: readonly SourceFile[]): Set<string> {
  const seen = new Map<string, string>();
  const repeated = new Set<string>();
  for (const { name, folders } of files) {
    const folder = folders.join('/');
    if ((seen.get(name) ?? folder) !== folder) repeated.add(name);
    seen.set(name, folder);
  }
  return repeated;
}

/** Names that are numbers alone, by folder: whether they are dates is seen from those beside them. */
class Numbers {
  readonly #beside = new Map<string, Set<string>>();

  add({ name, parent }: Level): void {
    if (!/^\d+$/.test(name)) return;
    const key = `${name.length} ${parent}`;
    const names = this.#beside.get(key);
    if (names === undefined) this.#beside.set(key, new Set([name]));
    else names.add(name);
  }

  #hasTicker(parent: string): boolean {
    const others = [3, 4, 5, 6].flatMap((length) => [...(this.#beside.get(`${length} ${parent}`) ?? [])]);
    return others.some((one) => !this.isDate(one, parent));
  }

  /** Dates, days of a month and counters; everything else is a ticker (`600519`, `7203`, `700`). */
  isDate(digits: string, parent: string): boolean {
    if (digits.length > 8) return true;
    // One and two digits are days and parts, except beside tickers (`1`, `5`, `700`).
    if (digits.length <= 2) return !this.#hasTicker(parent);
    const beside = [...(this.#beside.get(`${digits.length} ${parent}`) ?? [digits])];
    if (beside.every(isPlausibleDate)) return true;
    // `00000`, `00001`, …: parts that are counted from zero.
    return (
      digits.length > 6 || (digits.length === 3 && digits.startsWith('0')) || beside.some((one) => /^0+$/.test(one))
    );
  }
}
