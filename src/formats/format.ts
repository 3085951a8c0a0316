/** The seam between files of others and rows: what a reader is given, what it gives back, and what a preset says. */
import type { RowBatch } from './batch.js';
import type { ImportOptions } from './options.js';

/** One file, or one member of an archive, without its container (gzip, zip, zstd): what a reader gets. */
export interface SourceFile {
  /** For messages: the path as the caller gave it; `archive.zip:member.csv` for a member; `-` for standard input. */
  readonly path: string;
  /** Base name without the endings of containers: `BTCUSDT-1m-2024-01.csv`. */
  readonly name: string;
  /** Names of the folders above it, the nearest last: `['equity', 'usa', 'minute', 'acme']`. */
  readonly folders: readonly string[];
  /** How many of these folders the source lists: of a folder that the caller named those below it, and itself. */
  readonly depth: number;
  /** What name and listed folders say where nothing else does. */
  readonly named?: SourceName;
  /** The first bytes, without the container; up to 64 KiB, the whole file where it is shorter. */
  readonly head: Uint8Array;
  /** A path with exactly these bytes, for readers with random access; undefined inside a container or a pipe. */
  readonly plainPath?: string;
  /** What it is, where that is known without its bytes. */
  readonly format?: Format;
  /**
   * All bytes in order, without the container; a chunk is valid until the next one is asked for. Of standard input
   * (path `-`) to be called once.
   */
  bytes(): AsyncIterable<Uint8Array>;
}

/** What the name of a file and the folders above it say without any preset. */
export interface SourceName {
  /** Whose rows they are, where the name alone does not say it. */
  readonly symbol?: string;
  /** Such as `1h`; of a word such as `daily`, which can also mean how often a file is published, it is vague. */
  readonly interval?: string;
  readonly isVagueInterval?: boolean;
}

/** What is known of a file before its rows are read, and what the reader finds out on the way. */
export interface ReadContext {
  readonly options: ImportOptions;
  /** The source, where it was named or recognised. */
  preset?: Preset;
  /** Name and folders of the file, see `SourceFile`. */
  readonly name: string;
  readonly folders: readonly string[];
  readonly named?: SourceName;
  /** What they reported. */
  facts: NameFacts;
  /** Symbol of rows that name none. */
  symbol: string;
  readonly signal?: AbortSignal;
  /** Of two columns of volume the traded one has a value somewhere, beyond the first rows too. */
  hasRealVolume?: boolean;
  /** Filled by the reader; becomes the line `file: title, times, zone, rows`. */
  readonly found: Findings;
}

/** Mutable: what the reader of a file has found out. */
export interface Findings {
  title: string;
  /** Units and forms of the times that occurred. */
  readonly times: Set<string>;
  zone?: string;
  /** The volume was taken for one of ticks by the first rows. */
  isTickVolume?: boolean;
  readonly notes: Set<string>;
}

/** What the name of a file says. */
export interface NameFacts {
  readonly symbol?: string;
  /** Such as `1m`, `1h`, `1d`. */
  readonly interval?: string;
  /** The day that times of day belong to, UTC ms of its midnight. */
  readonly dayMs?: number;
  /** Zone of this file, where the preset's depends on the folder. */
  readonly zone?: string;
  /** Titles of its columns, where they depend on the name; factor that its prices are stored with. */
  readonly columns?: readonly string[];
  readonly priceScale?: number;
  /** Not candles: what it is instead (`funding rates`). The file is left out of a folder and refused by itself. */
  readonly otherKind?: string;
  /** The name alone says beyond doubt whose file it is and what its columns are: it needs neither header nor `as`. */
  readonly isCertain?: boolean;
}

/** A way in which bytes hold rows: CSV, JSON, Parquet, … `formats.ts` lists them. */
export interface Format {
  readonly name: string;
  /** For the line of what was understood, and for refusals. */
  readonly title: string;
  /** The format's own documentation. */
  readonly url: string;
  /** Whether these are its first bytes; `name` only where the bytes cannot say it. */
  matches(head: Uint8Array, name: string): boolean;
  /** The bytes are no text: no container and no encoding is looked for in them. */
  readonly isBinary?: boolean;
  /** Loads the reader when it is called for. */
  load(): Promise<FormatReader>;
  /**
   * For formats whose first batch costs much: what a file says of its columns without it. The result is undefined where
   * the file would have to be decoded for that.
   */
  readonly outline?: (file: SourceFile) => Promise<Outline | undefined>;
}

/** What a file says of its columns in its head or foot. */
export interface Outline {
  readonly titles: readonly string[];
  /** Bounds of the values of a column; undefined where the file does not say them. */
  rangeOf?(title: string): ColumnRange | undefined;
}

/** Least and largest value of a column. Dates are those of its clock, as if that were UTC's. */
export interface ColumnRange {
  readonly min: string | number | bigint | Date;
  readonly max: string | number | bigint | Date;
}

/**
 * Turns a file into batches of rows. Throws CORRUPT with location, ARGUMENT where an option is needed, UNSUPPORTED for
 * a missing package.
 */
export type FormatReader = (file: SourceFile, context: ReadContext) => AsyncIterable<RowBatch>;

/**
 * One source of files: how its files are recognised, and what they do not say by themselves. `presets.ts` lists them.
 */
export interface Preset {
  /** What `as` takes: lower case, unique. */
  readonly name: string;
  /** `Binance klines`. */
  readonly title: string;
  /** The source's own documentation of its files. */
  readonly url: string;
  /** By the name of the file and of the folders above it; undefined: it says nothing. */
  readonly byName?: (name: string, folders: readonly string[]) => NameFacts | undefined;
  /** Names that `byName` finds certain are written by this source alone. */
  readonly hasOwnNames?: boolean;
  /** Its JSON answers have a shape that no other source's have. */
  readonly hasOwnAnswers?: boolean;
  /** By the cells of the header, trimmed and in lower case. */
  readonly byHeader?: (cells: readonly string[]) => boolean;
  /** Titles of the columns of files without a header, one list per number of cells; `-` skips a column. */
  readonly columns?: readonly (readonly string[])[];
  /** Titles that mean something else with this source than they usually do: `{ turnover: 'quote_volume' }`. */
  readonly renames?: Readonly<Record<string, string>>;
  /** Zone of times that carry none: an IANA name, `UTC`, an offset, or `ask`: only the user knows. */
  readonly zone: string;
  /** Order of dates such as 01/02/2024. */
  readonly dates?: 'mdy' | 'dmy' | 'ymd';
  /** What a row is. Default `candles`. */
  readonly rows?: 'candles' | 'trades';
  /** Factor of prices, where the source stores whole numbers. */
  readonly priceScale?: number;
}
