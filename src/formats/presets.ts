/**
 * The list of sources, and how one is recognised: by name of the file, by its header, or by the shape of its first row.
 */
import { AtcError } from '../errors.js';
import { nearestHint } from '../nearest.js';
import type { NameFacts, Preset, ReadContext } from './format.js';
import { factsOfPartitions } from './partitions.js';
import { EXCHANGES } from './presets/exchanges.js';
import { PLATFORMS } from './presets/platforms.js';
import { VENDORS } from './presets/vendors.js';
import { readWholeTime } from './time/whole-number.js';
import { readWrittenTime } from './time/written-date.js';

export const PRESETS: readonly Preset[] = [...EXCHANGES, ...VENDORS, ...PLATFORMS].sort((a, b) =>
  a.name < b.name ? -1 : 1,
);

/** ARGUMENT for an unknown name. */
export function presetNamed(name: string): Preset {
  const preset = PRESETS.find((one) => one.name === name.toLowerCase());
  if (preset !== undefined) return preset;
  const names = PRESETS.map((one) => one.name);
  throw new AtcError('ARGUMENT', `there is no preset "${name}"${nearestHint(name, names)} (atc import --list)`);
}

/** What the name of a file says: with the preset asked for, or with the one whose name it is. */
export function recogniseName(
  name: string,
  folders: readonly string[],
  asked: Preset | undefined,
): { preset?: Preset; facts: NameFacts } {
  if (asked !== undefined) return { preset: asked, facts: asked.byName?.(name, folders) ?? {} };
  for (const preset of PRESETS) {
    const facts = preset.byName?.(name, folders);
    if (facts?.isCertain === true || facts?.otherKind !== undefined) return { preset, facts };
  }
  return { facts: {} };
}

/** Where both its name and its first row are those of one source, a file without a header says whose it is. */
export function recogniseRow(
  name: string,
  folders: readonly string[],
  head: Uint8Array,
): { preset?: Preset; facts: NameFacts } {
  const end = head.indexOf(10);
  const line = String.fromCharCode(...head.subarray(0, Math.min(end < 0 ? head.length : end, MAX_ROW_BYTES)));
  for (const delimiter of [',', ';', '\t']) {
    const preset = presetOfRow(line.split(delimiter).map((cell) => cell.trim()));
    const facts = preset?.byName?.(name, folders);
    if (facts !== undefined && facts.otherKind === undefined) return { preset, facts };
  }
  return { facts: {} };
}

/** Of a first row. */
const MAX_ROW_BYTES = 512;

/** Signs by which a source is recognised without `as`; none: it has to be named. */
export function signsOf({ name, byName, byHeader, hasOwnNames, hasOwnAnswers }: Preset): string[] {
  const isRow = byName !== undefined && hasOwnNames !== true && Object.values(SHAPES).includes(name);
  return [
    ...(byHeader === undefined ? [] : ['header']),
    ...(hasOwnNames === true ? ['name'] : []),
    ...(isRow ? ['name and row'] : []),
    ...(hasOwnAnswers === true ? ['answer'] : []),
  ];
}

/** Sets the preset whose header this is, and takes the symbol from the name where that preset finds it. */
export function recogniseHeader(context: ReadContext, keys: readonly string[], raw: readonly string[]): void {
  const cells = raw.map((cell) => cell.trim().toLowerCase());
  const preset = PRESETS.find((one) => one.byHeader?.(cells) ?? one.byHeader?.(keys));
  if (preset === undefined) return;
  context.preset = preset;
  context.found.title = preset.title;
  const facts = preset.byName?.(context.name, context.folders);
  if (facts === undefined) return;
  context.facts = { ...facts, interval: facts.interval ?? context.facts.interval };
  if (factsOfPartitions(context.folders).symbol === undefined) takeSymbol(context, facts);
}

/**
 * The symbol that a preset found in the name, unless the name says nothing of an instrument (`M1.csv`) and a folder does.
 */
export function takeSymbol(context: ReadContext, { symbol, isCertain }: NameFacts): void {
  if (context.options.symbol !== undefined || symbol === undefined) return;
  if (isCertain === true || context.named?.symbol === undefined) context.symbol = symbol;
}

/** `looks like Kraken's OHLCVT: --as kraken`, for the first rows of a file without a header. */
export function suggestPreset(rows: readonly (readonly string[])[]): string | undefined {
  const shaped = presetOfRow(rows[0]);
  const preset = shaped?.name === 'ohlcv' ? presetOfOrder(rows) : shaped;
  return preset && `it looks like ${preset.title}: --as ${preset.name}`;
}

/** Where high, low, open and close stand behind the time, by source. */
const ORDERS: readonly (readonly [preset: string, high: number, low: number, open: number, close: number])[] = [
  ['ohlcv', 2, 3, 1, 4],
  ['bitfinex', 3, 4, 1, 2],
  ['coinbase', 2, 1, 3, 4],
];

/** Of six numbers: the first order that no row contradicts. */
function presetOfOrder(rows: readonly (readonly string[])[]): Preset | undefined {
  const order = ORDERS.find(([, high, low, open, close]) =>
    rows.every((row) => {
      const between = [Number(row[open]), Number(row[close])];
      return Number(row[high]) >= Math.max(...between) && Number(row[low]) <= Math.min(...between);
    }),
  );
  return PRESETS.find((one) => one.name === order?.[0]);
}

function presetOfRow(cells: readonly string[]): Preset | undefined {
  const kind = kindOfTime(cells[0]);
  const name = kind && SHAPES[`${kind} ${cells.length}`];
  // Theirs are numbers throughout.
  if (/^(?:kraken|binance|bybit|kaiko|okx)$/.test(name ?? '') && cells.some((cell) => !/^[-\d.eE]*$/.test(cell)))
    return undefined;
  // Date and time in two columns: the second one is a time of day.
  if ((name === 'mt4' || name === 'kibot' || name === 'mt5') && !/^\d{1,2}:\d{2}/.test(cells[1])) return undefined;
  return PRESETS.find((one) => one.name === name);
}

/** First cell and number of cells -> the source that writes such rows most often. */
const SHAPES: Readonly<Record<string, string>> = {
  's 7': 'kraken',
  's 8': 'kraken',
  'ms 12': 'binance',
  'us 12': 'binance',
  's 6': 'ohlcv',
  'ms 6': 'ohlcv',
  'ms 7': 'bybit',
  'ms 8': 'kaiko',
  'ms 9': 'okx',
  'date 7': 'mt4',
  'compact 6': 'ninjatrader',
  'slashed 7': 'kibot',
  'datetime 6': 'firstrate',
  'date 6': 'firstrate',
  'date 9': 'mt5',
  'daytime 6': 'lean',
};

function kindOfTime(text: string): string | undefined {
  if (/^\d{8} \d{6}$/.test(text)) return 'compact';
  if (/^\d{1,2}\/\d{1,2}\/\d{4}$/.test(text)) return 'slashed';
  if (/^\d{1,8}$/.test(text) && Number(text) < 86_400_000 && Number(text) % 1000 === 0) return 'daytime';
  const { unit, problem } = readWholeTime(text, true, undefined);
  if (problem === '') return unit;
  const written = readWrittenTime(text, undefined);
  if (written.problem !== '') return undefined;
  return written.hasClock ? 'datetime' : 'date';
}
