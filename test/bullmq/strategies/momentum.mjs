// Long `least` above the close of `lookback` bars before; `spinMs` of work a trial, and trials that end their process.
export function momentum({ spinMs = 0, version = 1, deadly, throwing } = {}) {
  return {
    name: 'momentum',
    version,
    create: ({ lookback, least = 0 }) => ({
      name: 'momentum',
      columns: ['close'],
      minimumRows: lookback,
      start: () => {
        const end = performance.now() + spinMs;
        while (performance.now() < end);
        const last = [];
        let gained = 0;
        return {
          push: ({ columns, length }) => {
            if (lookback % 10 === throwing) throw new Error('no such lookback');
            if (lookback % 10 === deadly) process.kill(process.pid, 'SIGKILL');
            return {
              signal: Float64Array.from({ length }, (_, row) => {
                last.push(columns.close[row]);
                if (last.length > lookback) last.shift();
                gained = last.at(-1) - last[0];
                return gained - least;
              }),
            };
          },
          finish: () => ({ gained }),
        };
      },
    }),
  };
}
