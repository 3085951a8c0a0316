/** A look at the first rows of each file, before any is read: which files belong together, and in what order. */
import { AtcError } from '../errors.js';
import type { RowBatch } from './batch.js';
import { HEAD_BYTES } from './containers.js';
import { contextOf, formatOf, NO_HEAD, type OpenFile } from './file-reading.js';
import type { SourceFile } from './format.js';
import type { SourceOptions } from './source-options.js';

/** Formats whose first batch costs little: the others decode a good part of the file for it. */
const CHEAP = ['csv', 'json'];
/** Bytes at the end of a text that are looked at for its last rows. */
const TAIL_BYTES = 1 << 14;
const LINE_FEED = 10;

interface Look {
  readonly symbols: ReadonlySet<string>;
  /** Earliest time that was seen, UTC ms. */
  readonly first: number;
  /** Earliest time that the file can have. */
  readonly notBefore: number;
  /** Its symbols stand in a column, and further ones may come. */
  readonly isOpen: boolean;
}

/**
 * Files with a symbol in common, or that may have one in rows that were not looked at, make a group; groups in the
 * order in which they were found, the files of a group by their first times (equal ones as they were found).
 */
export async function inOrderOfTime(files: readonly OpenFile[], options: SourceOptions): Promise<OpenFile[][]> {
  const counts = new Map<string, number>();
  for (const { context } of files) counts.set(context.symbol, (counts.get(context.symbol) ?? 0) + 1);
  const looks = new Map<OpenFile, Look>();
  for (const one of files) {
    const isAlone = counts.get(one.context.symbol) === 1;
    looks.set(one, await lookAt(one, options, isAlone));
  }
  return groupsOf(files, looks).map((group) => {
    const inOrder = group
      .map((one) => ({ one, look: looks.get(one)! }))
      .sort((a, b) => (a.look.first === b.look.first ? 0 : a.look.first - b.look.first));
    return inOrder.map(({ one, look }) => ({ ...light(one), notBefore: look.notBefore }));
  });
}

/** Their heads are read again when their turn comes; standard input cannot be. */
function light({ file, context }: OpenFile): OpenFile {
  return { file: { ...file, head: file.path === '-' ? file.head : NO_HEAD }, context };
}

function groupsOf(files: readonly OpenFile[], looks: ReadonlyMap<OpenFile, Look>): OpenFile[][] {
  // Any symbol may come in a file that is open: then all belong together.
  if ([...looks.values()].some(({ isOpen }) => isOpen)) return [[...files]];
  const groupOf = new Map<string, OpenFile[]>();
  for (const one of files) {
    const { symbols } = looks.get(one)!;
    const [group = [], ...others] = new Set([...symbols].flatMap((symbol) => atMostOne(groupOf.get(symbol))));
    for (const other of others) {
      group.push(...other);
      for (const [symbol, list] of groupOf) if (list === other) groupOf.set(symbol, group);
    }
    group.push(one);
    for (const symbol of symbols) groupOf.set(symbol, group);
  }
  return [...new Set(groupOf.values())];
}

function atMostOne<T>(value: T | undefined): T[] {
  return value === undefined ? [] : [value];
}

async function lookAt(one: OpenFile, options: SourceOptions, isAlone: boolean): Promise<Look> {
  const { file, context } = one;
  const nothing = { symbols: new Set([context.symbol]), first: Number.NEGATIVE_INFINITY };
  const unknown: Look = { ...nothing, notBefore: Number.NEGATIVE_INFINITY, isOpen: false };
  const isCheap = CHEAP.includes(formatOf(file).name);
  if (file.path === '-' || (isAlone && !isCheap)) return unknown;
  try {
    const batch = await firstBatch(file, options, isCheap);
    if (batch === undefined) return unknown;
    const symbols = new Set<string>();
    const before = new Map<string, number>();
    let [first, ascents, descents] = [Number.POSITIVE_INFINITY, 0, 0];
    const times = batch.columns[batch.timestampAt];
    for (let row = 0; row < batch.rows; row += 1) {
      const symbol = batch.symbolAt(row);
      const ms = Number(times[row]);
      const last = before.get(symbol) ?? ms;
      if (ms > last) ascents += 1;
      if (ms < last) descents += 1;
      before.set(symbol, ms);
      symbols.add(symbol);
      first = Math.min(first, ms);
    }
    if (!Number.isFinite(first)) return unknown;
    const isWhole = file.head.length < HEAD_BYTES && isCheap;
    const isOldestFirst = ascents > 0 && descents === 0;
    const hasMore = !isWhole && batch.hasSymbols === true;
    if (hasMore && formatOf(file).name === 'csv') first = Math.min(first, await lookAtTail(file, options, symbols));
    return {
      ...{ symbols, first },
      notBefore: isWhole || isOldestFirst ? first : Number.NEGATIVE_INFINITY,
      isOpen: hasMore && symbols.size > 1,
    };
  } catch (error) {
    // What is wrong with the file is reported when it is read.
    if (error instanceof AtcError) return unknown;
    throw error;
  }
}

/** Adds the symbols of the last rows, which come behind the head's in a file that is ordered by symbol. */
async function lookAtTail(file: SourceFile, options: SourceOptions, symbols: Set<string>): Promise<number> {
  let tail = new Uint8Array(0);
  for await (const chunk of file.bytes()) {
    const kept = chunk.length >= TAIL_BYTES ? tail.subarray(tail.length) : tail.subarray(-TAIL_BYTES + chunk.length);
    tail = Buffer.concat([kept, chunk.subarray(-TAIL_BYTES)]);
  }
  const head = file.head.subarray(0, file.head.lastIndexOf(LINE_FEED) + 1);
  const lines = tail.subarray(tail.indexOf(LINE_FEED) + 1);
  const bytes = async function* () {
    yield Buffer.concat([head, lines]);
  };
  let first = Number.POSITIVE_INFINITY;
  try {
    const reader = await formatOf(file).load();
    for await (const batch of reader({ ...file, bytes }, contextOf(file, options))) {
      for (let row = 0; row < batch.rows; row += 1) {
        symbols.add(batch.symbolAt(row));
        first = Math.min(first, Number(batch.columns[batch.timestampAt][row]));
      }
    }
  } catch (error) {
    // The cut may lie in a quoted cell: then the head has to do.
    if (!(error instanceof AtcError)) throw error;
  }
  return first;
}

/** The rows of the head alone where that is enough: its last line may be cut. */
async function firstBatch(file: SourceFile, options: SourceOptions, isCheap: boolean): Promise<RowBatch | undefined> {
  const context = contextOf(file, options);
  const end = file.head.length < HEAD_BYTES ? file.head.length : file.head.lastIndexOf(10) + 1;
  const bytes = async function* () {
    yield end > 0 ? file.head.subarray(0, end) : file.head;
  };
  const reader = await formatOf(file).load();
  for await (const batch of reader(isCheap ? { ...file, bytes } : file, context)) return batch;
  return undefined;
}
