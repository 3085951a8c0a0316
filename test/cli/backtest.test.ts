import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runAtc, temporaryFolder } from './run-atc.js';

const folder = temporaryFolder();
const SP500 = path.resolve('examples/data/sp500-2000.csv');

/** A CSV of several symbols, interleaved. */
function manySymbols(rows: number, symbols: readonly string[]): string {
  const lines = ['timestamp,symbol,open,high,low,close,volume'];
  for (let row = 0; row < rows; row += 1) {
    symbols.forEach((symbol, k) => {
      const close = (100 + k * 7 + Math.round(Math.sin(row / (9 + k)) * 500) / 100).toFixed(2);
      lines.push(`${1_600_000_000 + row * 60},${symbol},${close},${close},${close},${close},${(row * 13 + k) % 997}`);
    });
  }
  return `${lines.join('\n')}\n`;
}

describe('atc backtest', () => {
  test.each([
    [['--keep-copies'], '--keep-copies has no effect on this run: give --mmap or --compress as well'],
    [['--keep-copies', '--no-mmap'], '--keep-copies has no effect on this run'],
    [['--mmap', '--level', '9'], '--level has no effect on this run: give --compress as well'],
    [['--algorithm', 'lz4'], '--algorithm has no effect on this run: give --compress as well'],
  ])('%j is a usage error: nothing would come of it', async (flags, message) => {
    const { code, stdout, stderr } = await runAtc(['backtest', SP500, ...flags], { cwd: folder.path });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(`atc: ${message}`);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  test('runs the S&P 500 four ways with identical results and leaves nothing behind', async () => {
    const { code, stdout, stderr } = await runAtc(['backtest', SP500, '--compare'], { cwd: folder.path });
    expect(stderr).toMatch(/^.*sp500-2000\.csv: read as CSV, dates, 5,105 rows\n$/);
    expect(code).toBe(0);
    expect(stdout).toMatch(/in memory +5,105 .* heap\n/);
    expect(stdout).toMatch(/mapped +5,105 .* (mmap-io|koffi|read)\n/);
    expect(stdout).toMatch(/compressed +5,105 .* file\n/);
    expect(stdout).toMatch(/both +5,105 .* (mmap-io|koffi|read)\n/);
    expect(stdout).toMatch(/sp500-2000 +2000-01-03 +2020-04-17 +1\.0000 +up/);
    expect(stdout).toMatch(/results identical: yes\n$/);
    expect(readdirSync(folder.path, { recursive: true }).filter((name) => String(name).includes('scratch'))).toEqual(
      [],
    );
  });

  test('agrees over several symbols in one file, a dataset of it, and the forced read backend', async () => {
    writeFileSync(path.join(folder.path, 'many.csv'), manySymbols(400, ['AAA', 'B/B', 'C:C', 'short']));
    const compared = await runAtc(['backtest', 'many.csv', '--compare', '--json', '--backend', 'read'], {
      cwd: folder.path,
    });
    expect(compared.code).toBe(0);
    const { ways, identical } = JSON.parse(compared.stdout);
    expect(identical).toBe(true);
    expect(ways.map((way: { name: string }) => way.name)).toEqual(['in memory', 'mapped', 'compressed', 'both']);
    for (const { run } of ways) {
      expect(run.peakBytes).toBeGreaterThan(10_000_000);
      expect(run.result.storage.bytesOnDisk).toBeGreaterThan(1000);
    }
    for (const layout of [[], ['--packed']]) {
      const out = `many${layout.length}`;
      expect((await runAtc(['import', 'many.csv', '--out', out, ...layout], { cwd: folder.path })).code).toBe(0);
      const run = JSON.parse((await runAtc(['backtest', out, '--json', '--digest'], { cwd: folder.path })).stdout);
      expect(run.rowsDigest).toBe(ways[0].run.rowsDigest);
      expect(run.result.symbols).toEqual(ways[0].run.result.symbols);
    }
  });

  test('agrees over blocks that each layout cuts otherwise', async () => {
    // Packed blocks end at midnight, mapped ones after a fixed number of rows.
    writeFileSync(path.join(folder.path, 'blocks.csv'), manySymbols(40_000, ['A']));
    const compared = await runAtc(['backtest', 'blocks.csv', '--compare', '--json'], { cwd: folder.path });
    expect(JSON.parse(compared.stdout).identical).toBe(true);
    expect(compared.code).toBe(0);
  });

  test('symbols with too few rows are skipped and listed; none left is an error', async () => {
    writeFileSync(path.join(folder.path, 'uneven.csv'), `${manySymbols(60, ['LONG'])}1700000000,SHORT,1,1,1,1,1\n`);
    const run = await runAtc(['backtest', 'uneven.csv'], { cwd: folder.path });
    expect(run.code).toBe(0);
    expect(run.stdout).toMatch(/skipped SHORT: 1 row, 34 are needed/);
    writeFileSync(path.join(folder.path, 'tiny.csv'), manySymbols(5, ['A']));
    const none = await runAtc(['backtest', 'tiny.csv'], { cwd: folder.path });
    expect(none.stderr).toBe(
      'tiny.csv: read as CSV, s, UTC, 5 rows\n' +
        'atc: strategy atc needs at least 34 rows of a symbol; the longest has 5\n',
    );
    expect(none.code).toBe(2);
  });

  test('parameters of the strategy reach it, and wrong ones are refused', async () => {
    const signal = async (...flags: string[]) => {
      const { stdout } = await runAtc(['backtest', SP500, '--json', '--digest', ...flags], { cwd: folder.path });
      return JSON.parse(stdout).rowsDigest;
    };
    expect(await signal('--param', 'emaLength=50')).not.toBe(await signal());
    const unknown = await runAtc(['backtest', SP500, '--param', 'emaLenght=50'], { cwd: folder.path });
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toMatch(/no parameter "emaLenght"; did you mean "emaLength"\?/);
    const range = await runAtc(['backtest', SP500, '--param', 'emaLength=0'], { cwd: folder.path });
    expect(range.code).toBe(2);
    expect(range.stderr).toMatch(/^atc: ATC parameter emaLength is 0; allowed: /);
  });

  test('the configuration switches the ways, flags win over it', async () => {
    writeFileSync(path.join(folder.path, 'atc.config.json'), '{ "useCompression": true, "cacheDir": "copies" }');
    const layout = async (...flags: string[]) => {
      const { stdout } = await runAtc(['backtest', SP500, '--json', ...flags], { cwd: folder.path });
      return JSON.parse(stdout).result.storage.layout;
    };
    expect(await layout()).toBe('packed');
    expect(await layout('--mmap')).toBe('packed, mapped');
    expect(await layout('--no-compress', '--mmap')).toBe('mapped');
    expect(await layout('--no-compress')).toBe('memory');
    writeFileSync(path.join(folder.path, 'atc.config.json'), '{}');
  });

  test('results go to a JSON or CSV file, every bar to a dataset; both ways give the figures of --json', async () => {
    writeFileSync(path.join(folder.path, 'three.csv'), manySymbols(300, ['AAA', 'B/B', 'C C']));
    const flags = ['backtest', 'three.csv', '--fee', '0.001', '--json'];
    const printed = await runAtc([...flags, '--report', 'out.json', '--rows', 'bars'], { cwd: folder.path });
    expect(printed.stderr).toBe('');
    const { result } = JSON.parse(printed.stdout);
    expect(JSON.parse(readFileSync(path.join(folder.path, 'out.json'), 'utf8'))).toEqual(result);
    expect((await runAtc([...flags, '--report', 'out.csv'], { cwd: folder.path })).code).toBe(0);
    const [head, ...lines] = readFileSync(path.join(folder.path, 'out.csv'), 'utf8').trimEnd().split('\n');
    expect(head).toBe(
      'symbol,rows,firstMs,lastMs,lastClose,signal,trend,totalReturn,cagr,maxDrawdown,sharpe,trades,exposure,' +
        'turnover,buyAndHold.totalReturn,buyAndHold.cagr,buyAndHold.maxDrawdown,buyAndHold.sharpe',
    );
    expect(lines.map((line) => line.slice(0, 6))).toEqual(['AAA,30', 'B/B,30', 'C C,30']);
    const [first] = result.symbols;
    expect(lines[0].split(',').slice(7, 8)).toEqual([String(first.trading.totalReturn)]);
    expect(first.trading.cagr).toBeNull();
    expect(lines[0].split(',')[8]).toBe('NaN');
    const info = JSON.parse((await runAtc(['info', 'bars', '--json'], { cwd: folder.path })).stdout);
    expect(info).toMatchObject({ kind: 'dataset', layout: 'packed', rows: 900 });
    const refused = await runAtc(['backtest', 'three.csv', '--report', 'out.txt'], { cwd: folder.path });
    expect(refused).toMatchObject({
      code: 2,
      stdout: '',
      stderr: 'atc: --report out.txt: the name must end in .json, .csv or .html\n',
    });
  });

  test.each(['SIGINT', 'SIGTERM'] as const)(
    '%s ends worker threads and leaves neither rows nor a report',
    async (signal) => {
      writeFileSync(path.join(folder.path, 'workers.csv'), manySymbols(40_000, ['A', 'B', 'C', 'D']));
      expect((await runAtc(['import', 'workers.csv', '--out', `history-${signal}`], { cwd: folder.path })).code).toBe(
        0,
      );
      const before = readdirSync(folder.path, { recursive: true }).sort();
      const flags = ['--workers', '2', '--rows', 'bars-of-it', '--report', 'report-of-it.json'];
      const outcome = await runAtc(['backtest', `history-${signal}`, ...flags], {
        cwd: folder.path,
        meanwhile: (child) => {
          // Rows of a first symbol are being written: the threads are at work.
          const timer = setInterval(() => {
            const names = readdirSync(folder.path, { recursive: true }).map(String);
            if (!names.some((name) => name.startsWith('.bars-of-it') && name.endsWith('.atc'))) return;
            clearInterval(timer);
            child.kill(signal);
          }, 5);
        },
      });
      expect(outcome).toMatchObject({ code: 130, stderr: 'atc: interrupted\n', stdout: '' });
      expect(readdirSync(folder.path, { recursive: true }).sort()).toEqual(before);
    },
  );

  test.each(['SIGINT', 'SIGTERM'] as const)('%s stops it and removes the copies', async (signal) => {
    writeFileSync(path.join(folder.path, 'large.csv'), manySymbols(60_000, ['A', 'B', 'C']));
    const cacheDir = path.join(folder.path, `copies-${signal}`);
    const outcome = await runAtc(['backtest', 'large.csv', '--mmap', '--cache-dir', cacheDir], {
      cwd: folder.path,
      meanwhile: (child) => {
        const timer = setInterval(() => {
          if (!existsSync(cacheDir) || readdirSync(cacheDir).length === 0) return;
          clearInterval(timer);
          child.kill(signal);
        }, 5);
      },
    });
    expect(outcome.code).toBe(130);
    expect(outcome.stderr).toBe('atc: interrupted\n');
    expect(readdirSync(cacheDir)).toEqual([]);
  });
});
