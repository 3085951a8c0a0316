/** What a check of history may find, and how it is counted. */

/** Kinds of findings. Each but the notes makes the check fail. */
export type FindingKind =
  | 'unreadable'
  | 'bad-times'
  | 'order'
  | 'duplicates'
  | 'missing-candles'
  | 'column-names'
  | 'high-below-low'
  | 'outside-range'
  | 'zero-prices'
  | 'negative-prices'
  | 'missing-prices'
  | 'infinite-values'
  | 'jumps'
  | 'stuck-prices'
  | 'missing-volumes'
  | 'negative-volumes'
  | 'absent-days'
  | 'flat-candles'
  | 'no-volume';

/** One kind of finding in one symbol. */
export interface Finding {
  /** What is wrong. */
  readonly kind: FindingKind;
  /** `wrong` makes the check fail; a `note` may be right for this market. */
  readonly severity: 'wrong' | 'note';
  /** Rows concerned; of missing candles, the candles. */
  readonly count: number;
  /** What was found, in one line. */
  readonly text: string;
  /** The first few. */
  readonly examples: readonly FindingExample[];
}

/** Where something was found. */
export interface FindingExample {
  /** UTC ms; undefined where the time itself is bad. */
  readonly ms?: number;
  /** Row of the symbol, from 0. */
  readonly row?: number;
  /** The values, such as `high 9.1 below low 9.4`. */
  readonly text: string;
}

/** All kinds, in the order of a report: what makes the rest unreliable first. */
export const FINDING_KINDS: readonly FindingKind[] = [
  'unreadable',
  'column-names',
  'bad-times',
  'order',
  'duplicates',
  'missing-candles',
  'high-below-low',
  'outside-range',
  'zero-prices',
  'negative-prices',
  'missing-prices',
  'infinite-values',
  'jumps',
  'stuck-prices',
  'missing-volumes',
  'negative-volumes',
  'absent-days',
  'flat-candles',
  'no-volume',
];
/** Right in some markets: reported, and no reason to fail. */
const NOTES: readonly FindingKind[] = ['absent-days', 'flat-candles', 'no-volume'];
const MAX_EXAMPLES = 3;

/** Counts by kind; examples are made only while they are wanted. */
export class Tally {
  readonly #found = new Map<FindingKind, { count: number; examples: FindingExample[] }>();

  add(kind: FindingKind, example: () => FindingExample, count = 1): void {
    let found = this.#found.get(kind);
    if (found === undefined) this.#found.set(kind, (found = { count: 0, examples: [] }));
    found.count += count;
    if (found.examples.length < MAX_EXAMPLES) found.examples.push(example());
  }

  count(kind: FindingKind): number {
    return this.#found.get(kind)?.count ?? 0;
  }

  drop(...kinds: readonly FindingKind[]): void {
    for (const kind of kinds) this.#found.delete(kind);
  }

  /** In the order of a report; `textOf` describes a kind and its count. */
  findings(textOf: (kind: FindingKind, count: number) => string): Finding[] {
    return FINDING_KINDS.flatMap((kind) => {
      const found = this.#found.get(kind);
      if (found === undefined) return [];
      const severity = NOTES.includes(kind) ? 'note' : 'wrong';
      return [
        { kind, severity, count: found.count, text: textOf(kind, found.count), examples: found.examples },
      ] as const;
    });
  }
}
