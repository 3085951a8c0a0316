/**
 * backtest-kit's own format of a series: a directory with one file per candle, `<timestamp>.json`. Read candle by
 * candle, so that what another process adds is seen, and nothing of the directory is held in memory.
 */
import path from 'node:path';
import { entryNames } from '../io/directory-entries.js';
import { readText } from '../io/json-file.js';
import { isOwnDirectory, isRealFile } from '../io/own-path.js';
import type { StoredCandle } from './row-shape.js';

const NAME = /^(-?\d{1,16})\.json$/;

export function isJsonCandleName(name: string): boolean {
  return NAME.test(name);
}

export class JsonCandles {
  readonly directory: string;
  /** Called for a file that is no JSON object; the candle then counts as missing. */
  readonly #onDamage: (error: unknown, file: string) => void;

  readonly #root: string;
  readonly #series: readonly string[];

  /** `series`: the names of the directories below `root` that lead to it. */
  constructor(root: string, series: readonly string[], onDamage: (error: unknown, file: string) => void) {
    this.#root = root;
    this.#series = series;
    this.directory = path.join(root, ...series);
    this.#onDamage = onDamage;
  }

  /** Most series have none. A link in place of a directory below the root leads elsewhere: then there is none. */
  get present(): boolean {
    return isOwnDirectory(this.#root, this.#series.join('/'));
  }

  /** The candle of a timestamp, undefined when its file is missing, a link, or no JSON object. */
  read(timestamp: number): StoredCandle | undefined {
    const file = path.join(this.directory, `${timestamp}.json`);
    const text = isRealFile(file) ? readText(file) : undefined;
    if (text === undefined) return undefined;
    try {
      const value: unknown = JSON.parse(text);
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as StoredCandle;
      throw new SyntaxError('not a JSON object');
    } catch (error) {
      this.#onDamage(error, file);
      return undefined;
    }
  }

  /** Timestamps that have a file, ascending. */
  timestamps(): number[] {
    const times = entryNames(this.directory).files.flatMap((name) => {
      const match = NAME.exec(name);
      return match === null ? [] : [Number(match[1])];
    });
    return times.sort((a, b) => a - b);
  }
}
