/**
 * A digest of columns that come in blocks: the same however the rows are cut, as storage layouts cut them otherwise.
 */
import { bytesOf } from '../dtype.js';
import { createHash } from '../io/crypto.js';

export class RowsDigest {
  readonly #columns = new Map<string, ReturnType<typeof createHash>>();

  /** The next values of a column; every column has a hash of its own, because blocks interleave them. */
  update(name: string, values: Parameters<typeof bytesOf>[0]): void {
    let hash = this.#columns.get(name);
    if (hash === undefined) {
      hash = createHash('sha256');
      this.#columns.set(name, hash);
    }
    hash.update(bytesOf(values));
  }

  /** SHA-256 over the names and the hashes of the columns, in the order of their first values. */
  digest(): string {
    const whole = createHash('sha256');
    for (const [name, hash] of this.#columns) whole.update(`${JSON.stringify(name)}\0${hash.digest('hex')}\n`);
    return whole.digest('hex');
  }
}
