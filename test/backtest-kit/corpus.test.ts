/**
 * Files of each version as they were first written: every later version reads them, and so does a reader that is not
 * ours.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { openCandleStore, type StoredCandle } from 'atc-memory';
import { useWorkspace } from '../io/workspace.js';
import { CORPUS_NAME, corpusCandles } from './corpus/candles.js';

const { at } = useWorkspace();
const CORPUS = path.resolve('test/backtest-kit/corpus');
const python = ['/usr/bin/python3', 'python3'].find((it) => spawnSync(it, ['-c', 'import numpy']).status === 0);
if (python === undefined)
  console.warn('candles are not read by Python here: no python3 with numpy (Debian: python3-numpy)');

/** NaN, infinities and -0 as they are, which JSON and toEqual tell apart. */
const seriesIn = (root: string) => openCandleStore(root).series(CORPUS_NAME);

describe.each(['packed', 'mapped', 'packed-2', 'mapped-2'])('%s', (folder) => {
  const layout = folder.slice(0, 6);
  // A store that is read may be tidied up: never the corpus itself.
  const copied = (name: string) => {
    cpSync(path.join(CORPUS, folder), at(name), { recursive: true });
    return at(name);
  };

  test('every candle, its bits and the order of its properties', () => {
    const wanted = corpusCandles();
    const got = [...seriesIn(copied(`read-${folder}`)).candles()];
    expect(got).toEqual(wanted);
    expect(got.map((candle) => Object.keys(candle))).toEqual(wanted.map((candle) => Object.keys(candle)));
    for (const [i, candle] of wanted.entries()) {
      for (const [name, value] of Object.entries(candle))
        expect(Object.is(got[i][name], value) || typeof value === 'object').toBe(true);
    }
  });

  if (folder.endsWith('-2'))
    test('the journal that this version writes has the same bytes', () => {
      const store = openCandleStore(at(`write-${layout}`), { layout: layout as 'packed', sealRows: 16 });
      writeCorpus(store.series(CORPUS_NAME));
      const [old, fresh] = [path.join(CORPUS, folder), at(`write-${layout}`)].map((root) => {
        const directory = path.join(root, 'binance/BTCUSDT/1m');
        const names = readdirSync(directory).sort();
        return { names, journal: readFileSync(path.join(directory, names[2])) };
      });
      // Segments hold frames, whose encoder may improve.
      expect(fresh).toEqual(old);
    });

  (python === undefined ? test.skip : test)('is read by another reader', () => {
    const root = copied(`python-${folder}`);
    const script = path.resolve('examples/decode_candles.py');
    const text = execFileSync(python!, [script, path.join(root, 'binance/BTCUSDT/1m')], { encoding: 'utf8' });
    // Python writes NaN and Infinity as they are, and every double of an integer with a point.
    const wanted = corpusCandles().map((candle) => spelled(candle));
    expect(
      text
        .trimEnd()
        .split('\n')
        .map((line) => spelled(parsed(line))),
    ).toEqual(wanted);
  });
});

/** As the corpus was made: two sealed segments and a journal. */
function writeCorpus(series: ReturnType<typeof seriesIn>): void {
  const candles = corpusCandles();
  series.write(candles.slice(0, 10));
  series.write(candles.slice(10, 24));
  series.write([...candles.slice(24, 30), ...candles.slice(0, 3).map((one) => ({ ...one, close: 1 }))]);
  series.seal();
  series.write(candles.slice(30));
}

const parsed = (line: string) =>
  JSON.parse(line.replace(/\bNaN\b/g, '"NaN"').replace(/-?\bInfinity\b/g, (name) => `"${name}"`)) as StoredCandle;

const spelled = (candle: StoredCandle) =>
  JSON.stringify(candle, (_name, value: unknown) =>
    typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0))
      ? `${Object.is(value, -0) ? '-0' : value}`
      : value,
  );
