/**
 * Checksums of the blocks of a mapped segment, in a small file beside its columns: a column that is not read whole is
 * checked where it is read, block by block, when it is first touched. The file is bound to its segment by its own
 * checksum, which stands in the catalogue.
 *
 * Little-endian: magic `ATCB`, u32 version (1), u32 rows of a block, u32 columns, u32 blocks, u32 CRC-32C for every
 * block of the first column, of the second, and so on; then u32, CRC-32C of all before it.
 */
import { BLOCK_ROWS } from '../codec/codec.js';
import { crc32c } from '../codec/crc32c.js';
import { bytesOf, type TypedArray } from '../dtype.js';
import { AtcError } from '../errors.js';

export const CHECKS_FILE = 'blocks.crc';

const MAGIC = 0x42435441;
const VERSION = 1;
const HEADER_WORDS = 5;

/** Gathers the checksums while a segment is written, in batches of any length. */
export class BlockTally {
  readonly #checksums: number[][];
  #rows = 0;

  constructor(columns: number) {
    this.#checksums = Array.from({ length: columns }, () => []);
  }

  add(columns: readonly TypedArray[]): void {
    const rows = columns[0].length;
    for (let from = 0; from < rows; ) {
      const at = this.#rows % BLOCK_ROWS;
      const count = Math.min(BLOCK_ROWS - at, rows - from);
      columns.forEach((column, k) => {
        const checksums = this.#checksums[k];
        const before = at === 0 ? 0 : (checksums.pop() as number);
        checksums.push(crc32c(bytesOf(column.subarray(from, from + count)), before));
      });
      this.#rows += count;
      from += count;
    }
  }

  /** The bytes of the file, and the checksum that binds it. */
  finish(): { readonly bytes: Uint8Array; readonly check: number } {
    const blocks = this.#checksums[0].length;
    const words = [MAGIC, VERSION, BLOCK_ROWS, this.#checksums.length, blocks, ...this.#checksums.flat()];
    const bytes = new Uint8Array((words.length + 1) * 4);
    const view = new DataView(bytes.buffer);
    words.forEach((word, k) => {
      view.setUint32(k * 4, word, true);
    });
    const check = crc32c(bytes.subarray(0, words.length * 4));
    view.setUint32(words.length * 4, check, true);
    return { bytes, check };
  }
}

/** The checksums of a segment of `columns` columns whose file is bound by `check`. CORRUPT for any other file. */
export class BlockChecks {
  readonly #view: DataView;
  readonly blockRows: number;
  readonly #blocks: number;

  constructor(bytes: Uint8Array, columns: number, check: number, file: string) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const end = bytes.length - 4;
    const isWhole = end >= HEADER_WORDS * 4 && end % 4 === 0 && view.getUint32(end, true) === check;
    if (!isWhole || crc32c(bytes.subarray(0, end)) !== check || view.getUint32(0, true) !== MAGIC) {
      throw damaged(file, 'it is not the one that the catalogue names');
    }
    const version = view.getUint32(4, true);
    if (version !== VERSION) {
      const text = `${file} has version ${version}, this release reads ${VERSION}; update atc-memory`;
      throw new AtcError('FORMAT_VERSION', text, { path: file });
    }
    this.blockRows = view.getUint32(8, true);
    this.#blocks = view.getUint32(16, true);
    const isSane = this.blockRows >= 1 && this.blockRows <= BLOCK_ROWS && view.getUint32(12, true) === columns;
    if (!isSane || (HEADER_WORDS + columns * this.#blocks) * 4 !== end)
      throw damaged(file, 'its lengths make no sense');
    this.#view = view;
  }

  /** Undefined for a block that the file does not know. */
  checksumOf(column: number, block: number): number | undefined {
    if (block >= this.#blocks) return undefined;
    return this.#view.getUint32((HEADER_WORDS + column * this.#blocks + block) * 4, true);
  }

  /** False as well for a block that the file does not know. */
  matches(column: number, block: number, bytes: Uint8Array): boolean {
    return this.checksumOf(column, block) === crc32c(bytes);
  }
}

function damaged(file: string, what: string): AtcError {
  return new AtcError('CORRUPT', `${file} is damaged: ${what}; restore it, or import the dataset again`, {
    path: file,
  });
}
