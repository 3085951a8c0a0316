// Long above the mean of all closes so far; `spinMs` of work a symbol, more columns, and symbols that end their
// process or thread, or never end.
export function average({ spinMs = 0, columns: wanted = 1, throwing, deadly, hanging, leaving } = {}) {
  return {
    name: 'average',
    version: 3,
    columns: ['close'],
    minimumRows: 20,
    start: ({ symbol }) => {
      const end = performance.now() + spinMs;
      while (performance.now() < end);
      if (symbol === throwing) throw new Error('no such market');
      if (symbol === leaving) process.exit(3);
      while (symbol === hanging);
      if (symbol === deadly) process.kill(process.pid, 'SIGKILL');
      let sum = 0;
      let count = 0;
      return {
        push: ({ columns, length }) => {
          const mean = new Float64Array(length);
          const signal = Float32Array.from({ length }, (_, row) => {
            sum += columns.close[row];
            count += 1;
            mean[row] = sum / count;
            return columns.close[row] > mean[row] ? 1 : -0;
          });
          return wanted === 1 ? { signal } : { signal, mean, row: Int32Array.from({ length }, (_, row) => row) };
        },
        finish: () => ({ mean: sum / count, nothing: Number.NaN, zero: -0, list: [1, undefined, null] }),
      };
    },
  };
}
