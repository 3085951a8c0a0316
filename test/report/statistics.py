"""Statistics of accounts, computed apart from the package: whole arrays, numpy, exact sums. JSON in, JSON out."""
import json
import math
import sys

import numpy as np

YEAR = 365.25 * 86_400_000


def mean(x):
    return math.fsum(x) / len(x) if len(x) else math.nan


def central(x, power):
    return math.fsum((x - mean(x)) ** power) / len(x)


def deviation(x):
    return math.sqrt(math.fsum((x - mean(x)) ** 2) / (len(x) - 1)) if len(x) > 1 else math.nan


def drawdowns(times, equity):
    found, start = [], 0
    for i in range(1, len(equity) + 1):
        if i == len(equity) or equity[i] >= equity[start]:
            if i - start > 1:
                end = min(i, len(equity) - 1)
                low = start + 1 + int(np.argmin(equity[start + 1:i]))
                found.append({
                    'depth': 1 - equity[low] / equity[start], 'peakMs': times[start], 'troughMs': times[low],
                    'recoveredMs': times[i] if i < len(equity) else None, 'durationMs': times[end] - times[start],
                })
            start = i
    return found


def account(times, closes, positions, cost):
    """positions[i] is held from closes[i] to closes[i + 1]."""
    steps = closes[1:] / closes[:-1] - 1
    held = positions[:-1]
    traded = np.abs(np.diff(np.concatenate([[0], positions])))
    growth = (1 + held * steps) * (1 - traded[1:] * cost)
    first = 1 - traded[0] * cost
    returns = np.concatenate([[first - 1], growth - 1]) if first != 1 else growth - 1
    equity = np.cumprod(1 + returns)
    path = np.concatenate([[1], equity])
    path_times = list(times) if first == 1 else [times[0], *times]
    falls = drawdowns(path_times, path)
    years = (times[-1] - times[0]) / YEAR
    annual = math.sqrt(len(steps) / years)
    edge = np.quantile(returns, 0.05)
    cagr = path[-1] ** (1 / years) - 1 if times[-1] - times[0] >= 86_400_000 and path[-1] > 0 else None
    deepest = max((fall['depth'] for fall in falls), default=0)
    downside = math.sqrt(math.fsum(np.minimum(returns, 0) ** 2) / len(returns))
    varies = len(set(returns.tolist())) > 1
    return {
        'totalReturn': path[-1] - 1, 'cagr': cagr,
        'volatility': deviation(returns) * annual if varies else 0,
        'sharpe': mean(returns) / deviation(returns) * annual if varies else None,
        'sortino': mean(returns) / downside * annual if downside > 0 else None,
        'calmar': cagr / deepest if deepest > 0 and cagr is not None else None,
        'maxDrawdown': deepest,
        'averageDrawdown': mean([fall['depth'] for fall in falls]) if falls else None,
        'averageDrawdownMs': mean([fall['durationMs'] for fall in falls]) if falls else None,
        'longestDrawdownMs': max((fall['durationMs'] for fall in falls), default=0),
        'exposure': np.count_nonzero(held) / len(steps), 'turnover': math.fsum(traded),
        'skewness': central(returns, 3) / central(returns, 2) ** 1.5 if varies else None,
        'kurtosis': central(returns, 4) / central(returns, 2) ** 2 - 3 if varies else None,
        'valueAtRisk': -edge, 'conditionalValueAtRisk': -mean(returns[returns <= edge]),
        'bestBar': returns.max(), 'worstBar': returns.min(),
        'drawdowns': sorted(falls, key=lambda fall: (-fall['depth'], fall['peakMs']))[:10],
    }


def trades(times, closes, positions, cost, side):
    """Runs of one position; the last may be open."""
    found, start = [], 0
    for i in range(1, len(positions) + 1):
        if i < len(positions) and positions[i] == positions[start]:
            continue
        p = positions[start]
        if p != 0 and side in (0, p):
            end = min(i, len(positions) - 1)
            steps = closes[start + 1:end + 1] / closes[start:end] - 1
            path = np.concatenate([[1], np.cumprod(1 + p * steps)])
            left = (1 - cost) if i == len(positions) else (1 - cost) ** 2
            found.append((path[-1] * left - 1, end - start, times[end] - times[start], path.min() - 1, path.max() - 1))
        start = i
    r = np.array([t[0] for t in found])
    n = len(r)
    wins, losses = r[r > 0], r[r < 0]
    win = len(wins) / n if n else None
    kelly = win - (1 - win) / (mean(wins) / -mean(losses)) if len(wins) and len(losses) else None
    spread = deviation(r)
    figures = {
        'trades': n, 'winRate': win,
        'averageTrade': math.expm1(math.fsum(np.log1p(r)) / n) if n else None,
        'bestTrade': r.max() if n else None, 'worstTrade': r.min() if n else None,
        'averageTradeMs': mean([t[2] for t in found]) if n else None,
        'longestTradeMs': max(t[2] for t in found) if n else None,
        'averageTradeBars': mean([t[1] for t in found]) if n else None,
        'profitFactor': math.fsum(wins) / -math.fsum(losses) if len(losses) else None,
        'expectancy': mean(r) if n else None,
        'sqn': mean(r) / spread * math.sqrt(n) if spread > 0 else None,
        'kelly': kelly,
    }
    return figures, [list(t) for t in found]


def report(one):
    closes = np.array([math.nan if c is None else c for c in one['closes']])
    signals = np.array([0 if s is None else s for s in one['signals']], float)
    priced = ~np.isnan(closes)
    times, closes, positions = np.array(one['times'])[priced], closes[priced], np.sign(signals)[priced]
    times = times.tolist()
    result = {'buyAndHold': account(times, closes, np.ones(len(closes)), 0)}
    result['buyAndHold'].update(exposure=1, turnover=1)
    long, short = np.maximum(positions, 0), np.minimum(positions, 0)
    for name, side, only in (('all', 0, positions), ('long', 1, long), ('short', -1, short)):
        figures, listed = trades(times, closes, positions, one['cost'], side)
        result[name] = {**account(times, closes, only, one['cost']), **figures}
        if name == 'all':
            result['listed'] = listed
    return result


def plain(value):
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if value is None:
        return None
    return float(value)


json.dump([plain(report(one)) for one in json.load(sys.stdin)], sys.stdout)
