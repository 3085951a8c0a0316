/** Sets of times as half-open spans in UTC ms that grow one span at a time. */
import { bisect } from '../bisect.js';

export type Span = readonly [fromMs: number, toMs: number];

/** Spans in ascending order, apart from each other. */
export class SpanSet {
  readonly #from: number[] = [];
  readonly #to: number[] = [];

  constructor(spans: Iterable<Span> = []) {
    for (const [from, to] of spans) this.add(from, to);
  }

  /** Joins what it touches. An empty span changes nothing. */
  add(from: number, to: number): void {
    if (!(from < to)) return;
    const first = this.#reaching(from);
    const after = bisect(first, this.#from.length, (i) => this.#from[i] > to);
    const joinedFrom = first < after ? Math.min(from, this.#from[first]) : from;
    const joinedTo = first < after ? Math.max(to, this.#to[after - 1]) : to;
    this.#from.splice(first, after - first, joinedFrom);
    this.#to.splice(first, after - first, joinedTo);
  }

  /** Takes [from, to) out. */
  remove(from: number, to: number): void {
    for (const [a, b] of [...this.within(from, to)]) {
      const at = bisect(0, this.#to.length, (i) => this.#to[i] > a);
      const rest = ([[this.#from[at], a] as const, [b, this.#to[at]] as const] as const).filter(([x, y]) => x < y);
      this.#from.splice(at, 1, ...rest.map(([x]) => x));
      this.#to.splice(at, 1, ...rest.map(([, y]) => y));
    }
  }

  /** What of the set lies in [from, to), cut at both ends. */
  *within(from: number, to: number): Generator<Span> {
    for (let i = bisect(0, this.#to.length, (k) => this.#to[k] > from); i < this.#from.length; i++) {
      if (this.#from[i] >= to) return;
      yield [Math.max(from, this.#from[i]), Math.min(to, this.#to[i])];
    }
  }

  /** What of [from, to) is not in the set. */
  *without(from: number, to: number): Generator<Span> {
    let at = from;
    for (const [a, b] of this.within(from, to)) {
      if (a > at) yield [at, a];
      at = b;
    }
    if (at < to) yield [at, to];
  }

  has(ms: number): boolean {
    const i = bisect(0, this.#to.length, (k) => this.#to[k] > ms);
    return i < this.#from.length && this.#from[i] <= ms;
  }

  /** Whether nothing of [from, to) is in the set. */
  isEmpty(from: number, to: number): boolean {
    const i = bisect(0, this.#to.length, (k) => this.#to[k] > from);
    return i === this.#from.length || this.#from[i] >= to;
  }

  *[Symbol.iterator](): Generator<Span> {
    for (let i = 0; i < this.#from.length; i++) yield [this.#from[i], this.#to[i]];
  }

  /** Index of the first span that ends at `ms` or later. */
  #reaching(ms: number): number {
    return bisect(0, this.#to.length, (i) => this.#to[i] >= ms);
  }
}
