/** How other people's files are read: what a file does not say by itself. */

/** What was understood of one file or one member of an archive; `atc import` prints it as one line. */
export interface FileReport {
  /** As it was found; a member of an archive is `archive.zip:member.csv`. */
  readonly path: string;
  /** What it was taken for, such as `Binance spot klines` or `CSV`. */
  readonly title: string;
  /** Unit or form of its times: `s`, `ms`, `us`, `ns` (joined by `+` where the file changes over), or `dates`. */
  readonly times: string;
  /** Zone of its times; undefined for dates without a time of day. */
  readonly zone?: string;
  /** Candles that were read, after trades became candles, duplicates and the range. */
  readonly rows: number;
  /** What the reader should know: rows turned round, duplicates left out, files of other kinds left out. */
  readonly notes: readonly string[];
}

/** Options of everything that reads files of others. Each default means: the file says it, or it is refused. */
export interface ImportOptions {
  /** Name of a preset (`atc import --list`). Default: recognised by name, first bytes or header. ARGUMENT for an unknown one. */
  readonly as?: string;
  /** Zone of times that carry none: an IANA name (`Europe/Athens`), `UTC` or an offset (`+02:00`). */
  readonly timezone?: string;
  /** Symbol of rows that name none. Default: what the name of the file says. */
  readonly symbol?: string;
  /** Names of the columns in order, `-` skips one: for files without a header or with names in another language. */
  readonly columns?: string | readonly string[];
  /** Decimal mark; the other one then separates thousands. Default `.`. */
  readonly decimal?: '.' | ',';
  /** Order of dates such as 01/02/2024 where the file itself does not prove it. */
  readonly dates?: 'mdy' | 'dmy';
  /** Interval of a candle, such as `1m`, `4h`, `1d`: for trades, and where the file does not say it. */
  readonly interval?: string;
  /** Which of several different rows of one time stays. Default: they are refused. Equal rows are taken once either way. */
  readonly duplicates?: 'first' | 'last';
  /** Only rows at or after this time: UTC ms, a Date, or an ISO text. */
  readonly from?: number | string | Date;
  /** Only rows before this time. */
  readonly to?: number | string | Date;
  /** Encoding of text. Default: by its byte order mark, else UTF-8. */
  readonly encoding?: 'utf-8' | 'utf-16le' | 'utf-16be' | 'latin1';
  /** Compares archives with the `.CHECKSUM` file beside them. Default false. */
  readonly checksums?: boolean;
  /** Called for every file once it has been read. */
  readonly onFile?: (report: FileReport) => void;
}
