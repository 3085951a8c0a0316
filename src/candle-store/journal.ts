/**
 * A journal: what was written since the last segment, in the order in which the processes wrote it. Its rows are in
 * memory of every process that has it open; a look at the file's size shows whether another one has written.
 */
import path from 'node:path';
import { corrupt } from '../codec/corrupt.js';
import { AppendLog } from '../io/append-log.js';
import { bindingOf, encodeSeal, MAX_RECORD_BYTES, scanRecords } from './journal-record.js';
import { RowSet } from './row-set.js';
import { seriesIdentity } from './series-path.js';

export class Journal {
  readonly rows = new RowSet();
  /** Ended by a record: nothing that is written behind it counts. */
  sealed = false;
  /** What its records carry. */
  readonly binding: number;
  #scanned = 0;

  readonly #log: AppendLog;
  readonly #onDamage: (error: unknown) => void;

  private constructor(
    readonly generation: number,
    log: AppendLog,
    onDamage: (error: unknown) => void,
  ) {
    this.#log = log;
    this.#onDamage = onDamage;
    this.binding = bindingOf(seriesIdentity(path.dirname(log.path)), generation);
  }

  static openOrCreate(generation: number, file: string, onDamage: (error: unknown) => void): Journal {
    return Journal.#read(new Journal(generation, AppendLog.openOrCreate(file), onDamage));
  }

  /** Undefined when there is no such file. */
  static openExisting(generation: number, file: string, onDamage: (error: unknown) => void): Journal | undefined {
    const log = AppendLog.openExisting(file);
    if (log === undefined) return undefined;
    return Journal.#read(new Journal(generation, log, onDamage));
  }

  static #read(journal: Journal): Journal {
    try {
      journal.refresh();
      return journal;
    } catch (error) {
      journal.close();
      throw error;
    }
  }

  get byteLength(): number {
    return this.#scanned;
  }

  /** Reads what was added since the last time. False when the file was deleted from outside. */
  refresh(): boolean {
    const { byteLength, linked } = this.#log.state();
    // In windows: however large a file claims to be, little of it is in memory at once.
    for (let before = -1; byteLength > this.#scanned && !this.sealed && before < this.#scanned; ) {
      before = this.#scanned;
      this.#apply(this.#log.read(before, Math.min(byteLength, before + MAX_RECORD_BYTES)));
    }
    return linked || this.sealed;
  }

  /**
   * Appends one record and applies it, together with what others wrote before it. Returns false when it does not count:
   * the journal was sealed or deleted before the record got there.
   */
  append(record: Uint8Array): boolean {
    if (this.sealed) return false;
    this.#log.append(record);
    const { byteLength, linked } = this.#log.state();
    const from = this.#scanned;
    // Nobody else wrote in between: what is in the file is what we have here.
    if (byteLength === from + record.byteLength) this.#apply(record);
    else this.refresh();
    return linked && !this.sealed;
  }

  /** Ends the journal. Whichever process's seal comes first is the end. */
  seal(): void {
    this.#log.append(encodeSeal(this.binding));
    this.refresh();
  }

  sync(): Promise<void> {
    return this.#log.sync();
  }

  close(): void {
    this.#log.close();
  }

  #apply(bytes: Uint8Array): void {
    const from = this.#scanned;
    const { records, consumed, damagedAt, sealed } = scanRecords(
      bytes,
      { path: this.#log.path, binding: this.binding },
      from,
    );
    this.#scanned = from + consumed;
    this.sealed = sealed;
    for (const record of records) {
      if (record.kind === 'rows') this.rows.insertRows(record.shape, record.values);
      else if (record.kind === 'documents') {
        for (const [timestamp, text] of record.documents) this.rows.insertDocument(timestamp, text);
      }
    }
    for (const at of damagedAt) {
      this.#onDamage(corrupt('bytes that are no record of this journal were skipped', from + at, this.#log.path));
    }
  }
}
