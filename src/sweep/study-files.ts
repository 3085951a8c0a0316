/**
 * A study on disk: `study.json` describes what is searched, `units/` holds what is finished (trials [a, b) over one
 * symbol, a file each, complete or absent; `cut.json` has how many trials a unit is), and once all is finished
 * `trials.frame` and `report.json` replace it. The files depend on the study alone: not on how often it was stopped,
 * nor on how many processes worked on it.
 */
import path from 'node:path';
import { compressDataFrame, decompressDataFrame } from '../codec/table-frame.js';
import type { Columns } from '../dtype.js';
import { AtcError } from '../errors.js';
import { readFileIfPresent, writeFileAtomicSync } from '../io/atomic-file.js';
import { decodeCheckedJson } from '../io/checked-json.js';
import { entryNames } from '../io/directory-entries.js';
import { encodeCheckedJson } from '../io/encode-checked-json.js';
import { isPresent, readText } from '../io/json-file.js';
import { refuseLinks } from '../io/own-path.js';
import { removePath } from '../io/plain-files.js';
import { type ProcessLock, tryLock } from '../io/process-lock.js';
import { sweepTemporaries } from '../io/temporary.js';
import { decodeValue, encodeValue } from '../value/value-frame.js';
import type { EquityCurve } from './curves.js';
import type { Evaluation } from './traded-accounts.js';

const STUDY = { format: 'atc-memory study', version: 1 };
const CUT = { format: 'atc-memory study cut', version: 1 };
const REPORT = { format: 'atc-memory study report', version: 1 };

/** Trials [first, end) over one symbol: what one process computes at a time. */
export interface Unit {
  readonly first: number;
  readonly end: number;
  /** Index among the symbols of the study. */
  readonly symbol: number;
}

/** How a study is cut into units; all processes that work on a directory agree on it. */
export interface StudyCut {
  /** Trials of a unit. */
  readonly batch: number;
  /** Parts of the work, 1 without shards: part i has every unit whose number leaves the remainder i - 1. */
  readonly shards: number;
}

export class StudyFiles {
  constructor(readonly directory: string) {}

  /**
   * Writes down what is searched, or compares it with what a directory has.
   *
   * @throws AtcError ARGUMENT when the directory has another study, naming what differs.
   */
  begin(identity: Readonly<Record<string, unknown>>): void {
    if (this.identity() === undefined) {
      if (entryNames(this.directory).files.some((name) => !name.startsWith('.'))) {
        throw new AtcError('ARGUMENT', `${this.directory} is not empty and holds no study; choose another directory`, {
          path: this.directory,
        });
      }
      writeFileAtomicSync(this.#at('study.json'), encodeCheckedJson(STUDY, identity));
      return;
    }
    this.requireSame(identity);
  }

  /** @throws AtcError ARGUMENT when the directory has another study, naming what differs. */
  requireSame(identity: Readonly<Record<string, unknown>>): void {
    const difference = differenceOf(this.identity() ?? {}, identity);
    if (difference === undefined) return;
    const { key, before, now } = difference;
    throw new AtcError(
      'ARGUMENT',
      `${this.directory} holds another study: ${key} is ${before} there, ${now} here; ` +
        'use another directory, or the same settings',
      { path: this.directory, key },
    );
  }

  /** What the directory's study searches; undefined where there is none. */
  identity(): Record<string, unknown> | undefined {
    return this.#json('study.json', STUDY);
  }

  /** The report of a finished study. */
  report(): Record<string, unknown> | undefined {
    return this.#json('report.json', REPORT);
  }

  #json(name: string, format: typeof STUDY): Record<string, unknown> | undefined {
    const file = this.#at(name);
    const text = readText(file);
    if (text === undefined) return undefined;
    const read = decodeCheckedJson(format, text);
    if ('content' in read) return read.content;
    const code = read.problem === 'a later version' ? 'FORMAT_VERSION' : 'CORRUPT';
    throw new AtcError(code, `${file} is no ${format.format} that this release reads: ${read.problem}`, { path: file });
  }

  has(unit: Unit): boolean {
    return isPresent(this.#unit(unit));
  }

  /** Held by the one process that computes the unit. */
  tryClaim(unit: Unit): ProcessLock | undefined {
    return tryLock(this.#at('units/claims'), nameOf(unit));
  }

  write(unit: Unit, evaluation: Evaluation): void {
    writeFileAtomicSync(this.#unit(unit), encodeValue({ ...evaluation }, { level: 1 }), { durability: 'process' });
  }

  /** Undefined for a unit that is not there, or no longer: another process may have finished the study. */
  async read(unit: Unit): Promise<Evaluation | undefined> {
    const file = this.#unit(unit);
    const bytes = await readFileIfPresent(file);
    if (bytes === undefined) return undefined;
    return evaluationOf(bytes, file);
  }

  /** Replaces the units of a study with the finished study. */
  finish(columns: Columns, report: Readonly<Record<string, unknown>>): void {
    writeFileAtomicSync(this.#at('trials.frame'), compressDataFrame(columns, { level: 6 }));
    writeFileAtomicSync(this.#at('report.json'), encodeCheckedJson(REPORT, report));
    this.tidy();
  }

  hasCurves(trial: number): boolean {
    return isPresent(this.#curves(trial));
  }

  writeCurves(trial: number, curves: readonly EquityCurve[]): void {
    const bytes = encodeValue(curves.map((one) => ({ ...one })));
    writeFileAtomicSync(this.#curves(trial), bytes, { durability: 'process' });
  }

  /** Undefined where they were not asked for. */
  async curves(trial: number): Promise<EquityCurve[] | undefined> {
    const bytes = await readFileIfPresent(this.#curves(trial));
    return bytes === undefined ? undefined : (decodeValue(bytes) as EquityCurve[]);
  }

  #curves(trial: number): string {
    return this.#at(`curves/${String(trial).padStart(8, '0')}.frame`);
  }

  /** Removes what a finished study no longer needs, and what dead processes left. */
  tidy(): void {
    // Not through `#at`: a link in its place is removed, and what it leads to is not.
    removePath(path.join(this.directory, 'units'));
    sweepTemporaries(this.directory);
  }

  /** @throws AtcError CORRUPT for damaged bytes, IO for a study that is not finished. */
  async columns(): Promise<Columns> {
    const file = this.#at('trials.frame');
    const bytes = await readFileIfPresent(file);
    if (bytes === undefined) throw new AtcError('IO', `${this.directory} holds no finished study`, { path: file });
    return decompressDataFrame(bytes);
  }

  /** File names of the units that are finished, of a study that is not. */
  unitNames(): string[] {
    return entryNames(this.#at('units')).files.filter((name) => name.endsWith('.unit'));
  }

  /** How the directory's unfinished study is cut; undefined before any work, and once it is finished. */
  cut(): StudyCut | undefined {
    return this.#json('units/cut.json', CUT) as StudyCut | undefined;
  }

  /** Cuts the study, unless another process has: then as that one did. */
  beginCut(wanted: StudyCut): StudyCut {
    const before = this.cut();
    if (before !== undefined) return before;
    try {
      const text = encodeCheckedJson(CUT, { ...wanted });
      writeFileAtomicSync(this.#at('units/cut.json'), text, { durability: 'process', replace: false });
      return wanted;
    } catch (error) {
      const faster = this.cut();
      if (faster === undefined) throw error;
      return faster;
    }
  }

  /** Copies a finished unit of another directory of the same study, unless it is there. */
  async takeUnit(from: StudyFiles, name: string): Promise<void> {
    const target = this.#at(`units/${name}`);
    if (isPresent(target)) return;
    const bytes = await readFileIfPresent(from.#at(`units/${name}`));
    if (bytes !== undefined) this.addUnit(name, bytes, from.#at(`units/${name}`));
  }

  /** Stores a finished unit that was computed elsewhere, unless it is there; `origin` stands in messages. */
  addUnit(name: string, bytes: Uint8Array, origin: string): void {
    const target = this.#at(`units/${name}`);
    if (isPresent(target)) return;
    evaluationOf(bytes, origin);
    writeFileAtomicSync(target, bytes, { durability: 'process' });
  }

  /** Copies the finished study of another directory. */
  async takeWhole(from: StudyFiles): Promise<void> {
    await from.columns();
    for (const name of ['trials.frame', 'report.json']) {
      writeFileAtomicSync(this.#at(name), (await readFileIfPresent(from.#at(name))) as Uint8Array);
    }
  }

  #unit(unit: Unit): string {
    return this.#at(`units/${nameOf(unit)}.unit`);
  }

  /** CORRUPT where a link stands on the way: what it leads to is no part of the study. */
  #at(name: string): string {
    refuseLinks(this.directory, name);
    return path.join(this.directory, name);
  }
}

function evaluationOf(bytes: Uint8Array, file: string): Evaluation {
  try {
    return decodeValue(bytes) as Evaluation;
  } catch (cause) {
    const message = `${file} is damaged (${(cause as Error).message}); remove it, and its trials are run again`;
    throw new AtcError('CORRUPT', message, { path: file, cause });
  }
}

/** The first name whose value differs, with both values as shortened JSON. */
export function differenceOf(
  before: Readonly<Record<string, unknown>>,
  now: Readonly<Record<string, unknown>>,
): { readonly key: string; readonly before: string; readonly now: string } | undefined {
  const wanted = JSON.parse(JSON.stringify(now)) as Record<string, unknown>;
  for (const key of new Set([...Object.keys(wanted), ...Object.keys(before)])) {
    const [one, other] = [JSON.stringify(before[key]), JSON.stringify(wanted[key])];
    if (one !== other) return { key, before: shortened(one), now: shortened(other) };
  }
  return undefined;
}

/** The name of a unit's file, without its ending. */
export function nameOf({ first, end, symbol }: Unit): string {
  return `${String(first).padStart(8, '0')}-${String(end).padStart(8, '0')}-${String(symbol).padStart(5, '0')}`;
}

function shortened(text: string | undefined): string {
  if (text === undefined) return 'absent';
  return text.length <= 80 ? text : `${text.slice(0, 77)}...`;
}
