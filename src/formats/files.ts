/**
 * Files -> batches: each is recognised, read, put in order and reported; files of one symbol follow each other in time.
 */
import { AtcError } from '../errors.js';
import type { RowBatch } from './batch.js';
import { requireChecksum } from './checksum-file.js';
import { filesAt, headOf } from './containers.js';
import type { Format, ReadContext, SourceFile } from './format.js';
import { FORMATS } from './formats.js';
import { filesOfOneKind } from './one-kind.js';
import { timeBound } from './options.js';
import { Duplicates } from './order/duplicates.js';
import { oldestFirst } from './order/oldest-first.js';
import { inRange } from './order/range.js';
import { presetNamed, recogniseName } from './presets.js';
import type { ListedPath, ReadBatch, SourceOptions } from './source-options.js';
import { candlesOfTrades } from './trade-batches.js';

type FileOptions = SourceOptions & { readonly onBytes?: (bytes: number) => void };

/** Endings of files that a folder is searched for; containers are looked into. */
const WANTED =
  /\.(csv|tsv|psv|txt|dat|prn|json|jsonl|ndjson|geojson|gz|gzip|zip|zst|zstd|feather|arrow|arrows|ipc|parquet|pq|dbn|npy|npz|hst|bin|blosc)$/i;
const EMPTY = new Uint8Array(0);

export async function* batchesOfFiles(paths: readonly ListedPath[], options: FileOptions): AsyncGenerator<RowBatch> {
  const run = new Run(options);
  const files = await run.open(paths);
  const rows = run.read(files);
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
    yield* inRange(candlesOfTrades(all, options), timeBound('from', options.from), timeBound('to', options.to));
  else for await (const { batch } of all) yield batch;
}

interface OpenFile {
  readonly file: SourceFile;
  readonly context: ReadContext;
}

class Run {
  readonly #options: FileOptions;
  readonly #duplicates: Duplicates;
  #bytesBefore = 0;

  constructor(options: FileOptions) {
    this.#options = options;
    this.#duplicates = new Duplicates(options.duplicates);
    if (options.as !== undefined) presetNamed(options.as);
  }

  /**
   * The files inside the paths, those of one symbol in order of time. Files of other kinds are left out of folders and
   * reported.
   */
  async open(paths: readonly ListedPath[]): Promise<OpenFile[]> {
    const others = new Set<string>();
    const found: OpenFile[] = [];
    for (const { path, isListed } of paths) {
      if (isListed && !WANTED.test(path)) continue;
      if (this.#options.checksums === true) await requireChecksum(path);
      const files = await filesAt(path, this.#options, isBinary, {
        signal: this.#options.signal,
        onBytes: this.#counter(),
      });
      for (const file of files) {
        const context = this.#contextOf(file);
        const { otherKind } = context.facts;
        if (otherKind === undefined) found.push({ file, context });
        else {
          others.add(otherKind);
          this.#report(file.path, `left out: ${otherKind}`);
        }
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
    if (found.length === 1) return found;
    const wanted = filesOfOneKind(found, this.#options.interval, (file, why) => {
      this.#report(file.path, `left out: ${why}`);
    });
    return this.#inOrder(wanted);
  }

  async *read(files: readonly OpenFile[]): AsyncGenerator<ReadBatch> {
    let kind: boolean | undefined;
    for (const { file, context } of files) {
      const whole = file.head === EMPTY ? { ...file, head: await headOf(file.bytes()) } : file;
      for await (const one of this.#readFile(whole, context)) {
        kind ??= one.isTrades;
        if (kind !== one.isTrades) {
          throw new AtcError('ARGUMENT', `${file.path}: trades and candles cannot be read into one dataset`, {
            path: file.path,
          });
        }
        yield one;
      }
    }
  }

  async *#readFile(file: SourceFile, context: ReadContext): AsyncGenerator<ReadBatch> {
    const { found } = context;
    const format = formatOf(file);
    found.title ||= context.preset?.title ?? format.title;
    const reader = await format.load();
    let isReversed = false;
    let [equal, different] = [0, 0];
    const ordered = oldestFirst(reader(file, context), () => {
      isReversed = true;
      found.notes.add('newest first: turned round');
    });
    const isTrades = () => context.preset?.rows === 'trades';
    const { from, to } = this.#options;
    const single = inRange(
      this.#duplicates.remove(
        ordered,
        () => isReversed,
        (same, other) => {
          equal += same;
          different += other;
        },
        () => isTrades() || this.#options.keepsRepeats === true,
      ),
      isTrades() ? undefined : timeBound('from', from),
      isTrades() ? undefined : timeBound('to', to),
    );
    let rows = 0;
    for await (const batch of single) {
      rows += batch.rows;
      if (batch.rows > 0) yield { batch, isTrades: isTrades() };
    }
    if (equal > 0) found.notes.add(`${equal} ${equal === 1 ? 'row' : 'rows'} there twice: taken once`);
    if (different > 0)
      found.notes.add(
        `${different} ${different === 1 ? 'row' : 'rows'} of the same time left out (--duplicates ${this.#options.duplicates})`,
      );
    this.#options.onFile?.({
      path: file.path,
      title: found.title,
      times: [...found.times].join('+'),
      zone: found.zone,
      rows,
      notes: [...found.notes],
    });
  }

  #contextOf(file: SourceFile): ReadContext {
    const { options } = { options: this.#options };
    const asked = options.as === undefined ? undefined : presetNamed(options.as);
    const { preset, facts } = recogniseName(file.name, file.folders, asked);
    return {
      options,
      preset,
      name: file.name,
      folders: file.folders,
      facts,
      symbol: options.symbol ?? facts.symbol ?? symbolOfName(file.name),
      signal: options.signal,
      found: { title: preset?.title ?? '', times: new Set(), notes: new Set() },
    };
  }

  /** Files of one symbol by the time of their first row; symbols in the order in which they were found. */
  async #inOrder(files: readonly OpenFile[]): Promise<OpenFile[]> {
    const bySymbol = new Map<string, OpenFile[]>();
    for (const one of files) {
      const list = bySymbol.get(one.context.symbol);
      // Their heads are read again when their turn comes: thousands of them would fill the memory.
      const light = { ...one, file: { ...one.file, head: one.file.path === '-' ? one.file.head : EMPTY } };
      if (list === undefined) bySymbol.set(one.context.symbol, [light]);
      else list.push(light);
    }
    for (const list of bySymbol.values()) {
      if (list.length === 1) continue;
      const times = new Map<OpenFile, number | undefined>();
      for (const one of list)
        times.set(one, await this.#firstTime(files.find(({ context }) => context === one.context)!));
      if ([...times.values()].every((ms) => ms !== undefined)) list.sort((a, b) => times.get(a)! - times.get(b)!);
    }
    return [...bySymbol.values()].flat();
  }

  /** UTC ms of the earliest row in the head of a text; undefined for other formats. */
  async #firstTime(one: OpenFile): Promise<number | undefined> {
    if (formatOf(one.file).name !== 'csv') return undefined;
    const end = one.file.head.lastIndexOf(10) + 1;
    const head = end > 0 ? one.file.head.subarray(0, end) : one.file.head;
    const context = this.#contextOf(one.file);
    const reader = await formatOf(one.file).load();
    const bytes = async function* () {
      yield head;
    };
    for await (const batch of reader({ ...one.file, bytes }, context)) {
      const times = batch.columns[batch.timestampAt];
      return Math.min(Number(times[0]), Number(times[batch.rows - 1]));
    }
    return undefined;
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

/** Rows of a file without a symbol column belong to the symbol its name begins with: `BTCUSDT.csv` -> BTCUSDT. */
function symbolOfName(name: string): string {
  return name === '-'
    ? 'stdin'
    : name.replace(/\.(csv|tsv|psv|txt|dat|prn|json|jsonl|ndjson|feather|arrow|parquet|pq|dbn|npy|npz|hst)$/i, '');
}

function formatOf(file: SourceFile): Format {
  return FORMATS.find((format) => format.matches(file.head, file.name))!;
}

/** Formats that are no text: their bytes are not looked into for containers or encodings. */
function isBinary(head: Uint8Array, name: string): boolean {
  return FORMATS.some((format) => format.isBinary === true && format.matches(head, name));
}
