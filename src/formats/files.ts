/** Files -> batches: each is recognised, read, put in order and reported; those of one symbol become one stream. */
import { AtcError } from '../errors.js';
import type { RowBatch } from './batch.js';
import { requireChecksum } from './checksum-file.js';
import { filesAt } from './containers.js';
import { contextOf, FileReading, type OpenFile } from './file-reading.js';
import { inOrderOfTime } from './first-rows.js';
import type { SourceFile } from './format.js';
import { FORMATS } from './formats.js';
import { nameFiles } from './names/instruments.js';
import { filesOfOneKind } from './one-kind.js';
import { timeBound } from './options.js';
import { Duplicates } from './order/duplicates.js';
import { mergeRuns } from './order/merge.js';
import { inRange } from './order/range.js';
import { presetNamed } from './presets.js';
import { featuresOf, isBesideFeatures } from './qlib.js';
import type { ListedPath, ReadBatch, SourceOptions } from './source-options.js';
import { candlesOfTrades } from './trade-batches.js';

type FileOptions = SourceOptions & { readonly onBytes?: (bytes: number) => void };

/** Endings of files that a folder is searched for; containers are looked into. */
const WANTED =
  /\.(csv|tsv|psv|txt|dat|prn|json|jsonl|ndjson|geojson|gz|gzip|zip|zst|zstd|feather|arrow|arrows|ipc|parquet|pq|dbn|npy|npz|hst|bin|blosc)$/i;

export async function* batchesOfFiles(paths: readonly ListedPath[], options: FileOptions): AsyncGenerator<RowBatch> {
  const run = new Run(options);
  const rows = run.read(await run.open(paths));
  const first = await rows.next();
  if (first.done === true) return;
  const all = (async function* () {
    try {
      yield first.value;
      yield* rows;
    } finally {
      // A consumer that stops at the first batch has not begun the others: their file is closed here.
      await rows.return(undefined);
    }
  })();
  if (first.value.isTrades)
    yield* inRange(candlesOfTrades(all, options), () => ({
      from: timeBound('from', options.from),
      to: timeBound('to', options.to),
    }));
  else for await (const { batch } of all) yield batch;
}

class Run {
  readonly #options: FileOptions;
  readonly #duplicates: Duplicates;
  readonly #features = new Set<string>();
  #bytesBefore = 0;

  constructor(options: FileOptions) {
    this.#options = options;
    this.#duplicates = new Duplicates(options.duplicates);
    if (options.as !== undefined) presetNamed(options.as);
  }

  /**
   * The files inside the paths, grouped by symbol, those of a group in order of time. Files of other kinds are left out
   * of folders and reported.
   */
  async open(paths: readonly ListedPath[]): Promise<OpenFile[][]> {
    const others = new Set<string>();
    const found: OpenFile[] = [];
    const files: SourceFile[] = [];
    for (const one of paths) {
      if (one.isListed && (!WANTED.test(one.path) || isBesideFeatures(one.path))) continue;
      if (this.#options.checksums === true) await requireChecksum(one.path);
      files.push(...(await this.#filesAt(one)));
    }
    for (const file of nameFiles(files)) {
      const context = contextOf(file, this.#options);
      const { otherKind } = context.facts;
      if (otherKind === undefined) found.push({ file, context });
      else {
        others.add(otherKind);
        this.#report(file.path, `left out: ${otherKind}`);
      }
    }
    if (found.length === 0) {
      const names = paths.slice(0, 3).map(({ path }) => path);
      if (others.size > 0) {
        throw new AtcError('CORRUPT', `${names.join(', ')}: these are ${[...others].join(', ')} and no candles`, {
          path: names[0],
        });
      }
      throw new AtcError('IO', `no file of market data in ${names.join(', ')}${paths.length > 3 ? ', …' : ''}`);
    }
    if (found.length === 1) return [found];
    const wantedOf = (all: readonly OpenFile[]) =>
      filesOfOneKind(all, this.#options.interval, (file, why) => this.#report(file.path, `left out: ${why}`));
    return inOrderOfTime(wantedOf(found), this.#options, wantedOf);
  }

  async *read(groups: readonly (readonly OpenFile[])[]): AsyncGenerator<ReadBatch> {
    let kind: boolean | undefined;
    for (const group of groups) {
      const readings = group.map((one) => new FileReading(one, this.#options));
      const merged = mergeRuns(readings, this.#options);
      const batches = this.#options.keepsRepeats === true ? merged : this.#duplicates.remove(merged);
      for await (const { batch, run } of batches) {
        kind ??= run.isTrades;
        if (kind !== run.isTrades) {
          throw new AtcError('ARGUMENT', `${run.path}: trades and candles cannot be read into one dataset`, {
            path: run.path,
          });
        }
        (run as FileReading).rows += batch.rows;
        if (batch.rows > 0) yield { batch, isTrades: run.isTrades };
        for (const one of readings) if (one.isOver) one.report();
      }
      for (const one of readings) one.report();
    }
  }

  async #filesAt({ path, root }: ListedPath): Promise<readonly SourceFile[]> {
    const features = featuresOf(path);
    if (features === undefined) {
      return filesAt(path, this.#options, isBinary, { signal: this.#options.signal, onBytes: this.#counter(), root });
    }
    // One table for all files of a folder.
    const key = `${features.path}/${features.name}`;
    if (this.#features.has(key)) return [];
    this.#features.add(key);
    return [features];
  }

  #counter(): ((bytes: number) => void) | undefined {
    const { onBytes } = this.#options;
    if (onBytes === undefined) return undefined;
    let own = 0;
    return (bytes) => {
      // A file that is read again, after a look at its head, begins anew.
      this.#bytesBefore += Math.max(0, bytes - own);
      own = Math.max(own, bytes);
      onBytes(this.#bytesBefore);
    };
  }

  #report(path: string, title: string): void {
    this.#options.onFile?.({ path, title, times: '', rows: 0, notes: [] });
  }
}

/** Formats that are no text: their bytes are not looked into for containers or encodings. */
function isBinary(head: Uint8Array, name: string): boolean {
  return FORMATS.some((format) => format.isBinary === true && format.matches(head, name));
}
