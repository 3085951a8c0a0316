// What the workers of bench/fleet.js run: a fixed amount of arithmetic a bar, so that processors are shared as real
// work shares them.
export function arithmetic({ rounds }) {
  return {
    name: 'arithmetic',
    version: 1,
    columns: ['close'],
    start: () => {
      let state = 0.5;
      return {
        push: ({ columns: { close }, length }) => ({
          signal: Float64Array.from({ length }, (_, row) => {
            for (let k = 0; k < rounds; k++) state = 3.9 * state * (1 - state);
            return state + close[row] - close[row];
          }),
        }),
        finish: () => ({ state }),
      };
    },
  };
}
