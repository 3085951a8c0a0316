/**
 * Names of the files of a series, which are its catalogue: every journal has a number, a segment the range of journals
 * it replaced. A file whose numbers lie within another segment's is obsolete, so publishing a segment is one rename,
 * and a process that dies before it has deleted the old files leaves only files that are ignored.
 */

export interface SegmentName {
  readonly file: string;
  readonly first: number;
  readonly last: number;
}

export interface Listing {
  /** In the order of their numbers: the earlier one wins where both have a candle. */
  readonly segments: readonly SegmentName[];
  /** Numbers of the journals that no segment has replaced, ascending. */
  readonly journals: readonly number[];
  /** Files that a segment has replaced. */
  readonly obsolete: readonly string[];
  /** Number of the journal that is written to: the last one there is, or the next. */
  readonly current: number;
  /** False when a number is missing: the directory changed while it was listed, or a file was moved aside. */
  readonly complete: boolean;
}

const JOURNAL = /^journal-(\d{8,15})\.atcj$/;
const SEGMENT = /^candles-(\d{8,15})-(\d{8,15})\.atcs$/;

const padded = (generation: number) => String(generation).padStart(8, '0');

export function journalName(generation: number): string {
  return `journal-${padded(generation)}.atcj`;
}

export function segmentName(first: number, last: number): string {
  return `candles-${padded(first)}-${padded(last)}.atcs`;
}

/** What the name of a segment's file means. */
export function parseSegmentName(file: string): SegmentName | undefined {
  const match = SEGMENT.exec(file);
  return match === null ? undefined : { file, first: Number(match[1]), last: Number(match[2]) };
}

/** True for any file of a series: what distinguishes a series' directory from others. */
export function isSeriesFile(name: string): boolean {
  return JOURNAL.test(name) || SEGMENT.test(name);
}

export function readListing(names: readonly string[]): Listing {
  const all: SegmentName[] = [];
  const numbers: number[] = [];
  for (const file of names) {
    const segment = parseSegmentName(file);
    if (segment !== undefined) all.push(segment);
    const journal = JOURNAL.exec(file);
    if (journal !== null) numbers.push(Number(journal[1]));
  }
  const within = (first: number, last: number, by: SegmentName) => by.first <= first && last <= by.last;
  const isObsolete = (one: SegmentName) => all.some((by) => by !== one && within(one.first, one.last, by));
  const segments = all.filter((one) => !isObsolete(one)).sort((a, b) => a.first - b.first || a.last - b.last);
  const covered = (number: number) => segments.some((by) => within(number, number, by));
  const journals = numbers.filter((number) => !covered(number)).sort((a, b) => a - b);
  const obsolete = [
    ...all.filter(isObsolete).map(({ file }) => file),
    ...numbers.filter(covered).map((number) => journalName(number)),
  ];
  const lastSegment = segments.reduce((last, one) => Math.max(last, one.last), 0);
  const lastJournal = journals.at(-1) ?? 0;
  const current = Math.max(lastSegment + 1, lastJournal);
  let complete = true;
  for (let number = 1; number < current && complete; ) {
    const by = segments.find((one) => one.first <= number && number <= one.last);
    if (by !== undefined) number = by.last + 1;
    else if (journals.includes(number)) number++;
    else complete = false;
  }
  return { segments, journals, obsolete, current, complete };
}
