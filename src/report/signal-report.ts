/** Closed signals as a report: an account of each symbol, and one of all together. */
import { Portfolio } from './portfolio.js';
import type { CollectedRows } from './report-rows.js';
import type { ReportData } from './report-shape.js';
import type { PackedSeries } from './series.js';
import { SignalRecord } from './signal-record.js';
import { closedSignals, type SignalResult } from './signal-results.js';
import type { SymbolReport } from './symbol-record.js';

export interface SignalReport {
  readonly data: ReportData;
  readonly lines: Omit<CollectedRows, 'symbols' | 'all'>;
}

/** @throws AtcError ARGUMENT for a closed result without what a report needs. */
export function signalReport(results: readonly unknown[]): SignalReport {
  const closed = closedSignals(results);
  const bySymbol = grouped(closed);
  const portfolio = new Portfolio();
  const series = new Map<string, PackedSeries>();
  const reports = new Map<string, SymbolReport & { firstMs: number; lastMs: number }>();
  for (const [symbol, signals] of bySymbol) {
    const first = signals.reduce((a, b) => (b.signal.pendingAt < a.signal.pendingAt ? b : a));
    const record = new SignalRecord(symbol, first);
    portfolio.begin();
    for (const one of signals.toSorted((a, b) => a.closeTimestamp - b.closeTimestamp)) {
      record.add(one);
      const { all, long, short } = record.sides;
      portfolio.mark(record.firstMs, record.lastMs, {
        all: all.account.value,
        long: long.account.value,
        short: short.account.value,
        held: record.held.value,
      });
    }
    const report = record.report();
    const { all, long, short } = record.sides;
    portfolio.end(report.statistics, { all: all.trades, long: long.trades, short: short.trades });
    series.set(symbol, record.series());
    reports.set(symbol, { ...report, firstMs: record.firstMs, lastMs: record.lastMs });
  }
  const symbols = [...reports].map(([symbol, { firstMs, lastMs, ...report }]) => ({
    symbol,
    rows: report.trades.length,
    firstMs,
    lastMs,
    ...report,
  }));
  const [only] = symbols;
  const all =
    symbols.length === 1
      ? {
          statistics: only.statistics,
          curve: only.curve,
          months: only.months,
          years: only.years,
          returns: only.returns,
        }
      : portfolio.report();
  const names = [...new Set(closed.map(({ strategyName }) => strategyName ?? 'signals'))];
  return {
    data: { version: 1, strategy: names.join(', ') || 'signals', rows: closed.length, symbols, all, skipped: [] },
    lines: { series, allSeries: () => portfolio.series(), costRate: 0 },
  };
}

function grouped(signals: readonly SignalResult[]): Map<string, SignalResult[]> {
  const found = new Map<string, SignalResult[]>();
  for (const one of signals) {
    const list = found.get(one.symbol);
    if (list === undefined) found.set(one.symbol, [one]);
    else list.push(one);
  }
  return found;
}
