// Deterministic random numbers for made-up data, those of `atc bench`. Needs a build, like every bench.
export { randomNumbers as random } from '../dist/esm/src/cli/bench/made-up-candles.js';
