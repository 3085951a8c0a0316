/** What a migration did or would do. */
import type { LegacyFormat } from '../legacy/legacy-entries.js';

/** `atc-memory`: entries of ours that were written with compression off. */
export type MigrationSource = LegacyFormat['name'] | 'atc-memory';

export interface MigrationTotals {
  readonly format: MigrationSource;
  entries: number;
  /** What the entries take in the files they are in, and in those they go to. */
  bytesBefore: number;
  bytesAfter: number;
}

/** An entry or file that stays as it is, and why. */
export interface LeftAlone {
  /** A file, or a key where a file holds many. */
  readonly what: string;
  readonly reason: string;
}

export interface MigrationReport {
  readonly directory: string;
  readonly isDryRun: boolean;
  readonly formats: readonly MigrationTotals[];
  readonly left: readonly LeftAlone[];
}

export class ReportBuilder {
  readonly #totals = new Map<MigrationSource, MigrationTotals>();
  readonly #left: LeftAlone[] = [];
  #done = 0;

  readonly #onProgress: (entries: number) => void;

  constructor(onProgress: (entries: number) => void = () => undefined) {
    this.#onProgress = onProgress;
  }

  add(format: MigrationSource, bytesBefore: number, bytesAfter: number): void {
    const totals = this.#totals.get(format) ?? { format, entries: 0, bytesBefore: 0, bytesAfter: 0 };
    this.#totals.set(format, totals);
    totals.entries++;
    totals.bytesBefore += bytesBefore;
    totals.bytesAfter += bytesAfter;
    this.#onProgress(++this.#done);
  }

  leave(what: string, error: unknown): void {
    this.#left.push({ what, reason: String((error as { message?: unknown })?.message ?? error) });
  }

  report(directory: string, isDryRun: boolean): MigrationReport {
    const formats = [...this.#totals.values()].map((one) => ({ ...one, bytesBefore: Math.round(one.bytesBefore) }));
    return { directory, isDryRun, formats, left: this.#left };
  }
}
