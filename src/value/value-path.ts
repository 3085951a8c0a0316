/** Where in a value its writer is, for errors that name it: `value.orders[0].legs`. */
import { AtcError } from '../errors.js';

/** Steps that an error names. */
const MOST_STEPS = 12;

export class ValuePath {
  /** The first `#depth` of them. */
  readonly #steps: (string | number)[] = [];
  /** Behind the index of a row the name of its field. */
  readonly #fields: (string | undefined)[] = [];
  #depth = 0;

  get depth(): number {
    return this.#depth;
  }

  enter(step: string | number, field: string | undefined): void {
    this.#steps[this.#depth] = step;
    this.#fields[this.#depth++] = field;
  }

  leave(): void {
    this.#depth--;
  }

  /** UNSUPPORTED: what is here, which cannot be stored. */
  refuse(what: string): AtcError {
    const named = Math.min(this.#depth, MOST_STEPS);
    let at = 'value';
    for (let i = 0; i < named; i++) {
      const step = this.#steps[i];
      at += typeof step === 'number' ? `[${step}]` : `.${step}`;
      if (this.#fields[i] !== undefined) at += `.${this.#fields[i]}`;
    }
    if (this.#depth > named) at += '…';
    return new AtcError('UNSUPPORTED', `${at} is ${what}; it cannot be stored exactly, leave it to the host`, {
      key: at,
    });
  }
}
