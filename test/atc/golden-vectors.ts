/** Golden vectors of the original implementation: reading them, and comparing results with them. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { ATC_FAMILIES, type AtcFamily, type AtcParameters, type AtcSignals } from 'atc-memory/atc';

type Cells = readonly (number | null)[];
type ByFamily<T> = Readonly<Record<string, T>>;

export interface GoldenVector {
  readonly name: string;
  readonly closes: Float64Array;
  readonly parameters: AtcParameters;
  readonly lengths: ByFamily<readonly number[]>;
  readonly averageSignal: Cells;
  readonly trend: readonly number[];
  readonly layer1: ByFamily<Cells>;
  readonly layer2: ByFamily<Cells>;
  readonly averages?: ByFamily<readonly Cells[]>;
  readonly sides?: ByFamily<readonly Cells[]>;
  readonly accounts?: ByFamily<readonly Cells[]>;
}

/** One bar of one average, as the implementation under test has it. */
export interface StageProbe {
  average(family: AtcFamily, member: number, bar: number): number;
  side(family: AtcFamily, member: number, bar: number): number;
  account(family: AtcFamily, member: number, bar: number): number;
}

const root = path.resolve(import.meta.dirname, '../..');
const committed = path.join(root, 'test/atc/golden');

/** The committed vectors and `further` ones. */
export function goldenFiles(further: readonly string[] = []): string[] {
  return [...vectorsIn(committed), ...further];
}

export function committedVector(name: string): GoldenVector {
  return readGolden(path.join(committed, `${name}.json.gz`));
}

function vectorsIn(directory: string): string[] {
  const names = readdirSync(directory).filter((name) => name.endsWith('.json.gz'));
  return names.sort().map((name) => path.join(directory, name));
}

export function readGolden(file: string): GoldenVector {
  const json = JSON.parse(gunzipSync(readFileSync(file)).toString('utf8'));
  const { config } = json;
  return {
    name: path.relative(root, file),
    closes: Float64Array.from(json.close as Cells, (value) => value ?? Number.NaN),
    parameters: {
      emaLength: config.ema_len,
      hmaLength: config.hull_len,
      wmaLength: config.wma_len,
      demaLength: config.dema_len,
      lsmaLength: config.lsma_len,
      kamaLength: config.kama_len,
      emaWeight: config.ema_w,
      hmaWeight: config.hma_w,
      wmaWeight: config.wma_w,
      demaWeight: config.dema_w,
      lsmaWeight: config.lsma_w,
      kamaWeight: config.kama_w,
      robustness: config.robustness,
      lambda: config.La,
      decay: config.De,
      cutout: config.cutout,
      longThreshold: config.long_threshold,
      shortThreshold: config.short_threshold,
      strategyMode: config.strategy_mode,
    },
    lengths: json.lengths,
    averageSignal: json.Average_Signal,
    trend: json.trend_sign,
    layer1: json.layer1,
    layer2: json.layer2,
    averages: json.ma,
    sides: json.sig,
    accounts: json.equity,
  };
}

/** On the plateaus of `step` the original's order of summation decides (golden/README.md). */
function allowsTies(vector: GoldenVector): boolean {
  return path.basename(vector.name).startsWith('step.');
}

/** Everything that lies outside the tolerances, as readable lines; empty when all agrees. */
export function deviations(vector: GoldenVector, signals: AtcSignals, probe?: StageProbe): string[] {
  const found: string[] = [];
  const skipped = probe === undefined ? new Set<number>() : stageDeviations(vector, probe, found);
  const compare = (
    what: string,
    actual: ArrayLike<number>,
    expected: Cells,
    near: (a: number, b: number) => boolean,
  ) => {
    for (let bar = 0; bar < expected.length; bar++) {
      if (skipped.has(bar)) continue;
      const wanted = expected[bar] ?? Number.NaN;
      const same = Number.isNaN(wanted) ? Number.isNaN(actual[bar]) : near(actual[bar], wanted);
      if (!same) found.push(`${what} bar ${bar}: ${actual[bar]}, expected ${wanted}`);
    }
  };
  for (const family of ATC_FAMILIES) {
    const key = family.toUpperCase();
    if (signals.layer1) compare(`${family} layer 1`, signals.layer1[family], vector.layer1[key], exact);
    if (signals.layer2) compare(`${family} layer 2`, signals.layer2[family], vector.layer2[key], relative(1e-9));
  }
  compare('average signal', signals.averageSignal, vector.averageSignal, (a, b) => Math.abs(a - b) <= 1e-9);
  return found;
}

/**
 * Compares the 54 averages. Returns the bars that cannot be compared further because a permitted tie changed a side on
 * them, or an account before them; everything that may not differ and does goes into `found`.
 */
function stageDeviations(vector: GoldenVector, probe: StageProbe, found: string[]): Set<number> {
  const skipped = new Set<number>();
  for (const family of ATC_FAMILIES) {
    for (let member = 0; member < 9; member++) memberDeviations(vector, family, member, probe, found, skipped);
  }
  return skipped;
}

function memberDeviations(
  vector: GoldenVector,
  family: AtcFamily,
  member: number,
  probe: StageProbe,
  found: string[],
  skipped: Set<number>,
): void {
  const key = family.toUpperCase();
  const averages = vector.averages?.[key][member];
  const sides = vector.sides?.[key][member];
  const accounts = vector.accounts?.[key][member];
  let agreed = true;
  let tied = false;
  for (let bar = 0; bar < vector.closes.length; bar++) {
    const where = `${family}[${member}] bar ${bar}`;
    const average = probe.average(family, member, bar);
    if (averages && !nearOrNaN(average, averages[bar], 1e-11)) {
      found.push(`average ${where}: ${average}, expected ${averages[bar]}`);
    }
    const side = probe.side(family, member, bar);
    if (sides && side !== sides[bar]) {
      const touches = isTie(vector, probe, family, member, bar) || isTie(vector, probe, family, member, bar - 1);
      if (agreed && !(allowsTies(vector) && touches)) found.push(`side ${where}: ${side}, expected ${sides[bar]}`);
      tied = true;
      skipped.add(bar);
    }
    agreed = !sides || side === sides[bar];
    const account = probe.account(family, member, bar);
    if (accounts && !nearOrNaN(account, accounts[bar], 1e-9)) {
      if (!tied) found.push(`account ${where}: ${account}, expected ${accounts[bar]}`);
      for (let later = bar; later < vector.closes.length; later++) skipped.add(later);
      return;
    }
  }
}

/** The price equals the average up to the rounding of the average's own sum. */
function isTie(vector: GoldenVector, probe: StageProbe, family: AtcFamily, member: number, bar: number): boolean {
  const close = vector.closes[bar];
  return Math.abs(close - probe.average(family, member, bar)) <= 1e-12 * close;
}

function nearOrNaN(actual: number, expected: number | null, tolerance: number): boolean {
  return expected === null ? Number.isNaN(actual) : relative(tolerance)(actual, expected);
}

function relative(tolerance: number) {
  return (actual: number, expected: number) => Math.abs(actual - expected) <= tolerance * Math.abs(expected);
}

function exact(actual: number, expected: number): boolean {
  return actual === expected;
}
