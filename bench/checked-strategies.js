// Strategies for benches that worker threads can import. `atc` and `cross` (the one of examples/own-strategy) add a
// checksum of every signal to their summary, so that two runs can be compared bar by bar without keeping the bars;
// `decode` reads the closes and does nothing.
import { fileURLToPath } from 'node:url';

const { crc32c } = await import('../dist/esm/src/codec/crc32c.js');
const { atcStrategy } = await import('../dist/esm/atc.js');

function checked(name, strategy) {
  return {
    name,
    columns: strategy.columns,
    minimumRows: strategy.minimumRows,
    reference: { module: import.meta.url, factory: name, parameters: [] },
    sharesCallingThread: strategy.sharesCallingThread,
    start(table) {
      const run = strategy.start(table);
      let checksum = 0;
      return {
        push(block) {
          const rows = run.push(block);
          const { buffer, byteOffset, byteLength } = rows.signal;
          checksum = crc32c(new Uint8Array(buffer, byteOffset, byteLength), checksum);
          return rows;
        },
        finish: () => ({ ...run.finish(), checksum }),
      };
    },
  };
}

export const atc = () => checked('atc', atcStrategy());

/** A compiler is needed for the example: loaded by those who run it only. */
export async function cross() {
  const { createJiti } = await import('jiti');
  const example = fileURLToPath(new URL('../examples/own-strategy/moving-average-cross.ts', import.meta.url));
  return checked('cross', (await createJiti(import.meta.url).import(example)).movingAverageCross());
}

export const decode = () => ({
  name: 'decode',
  columns: ['close'],
  reference: { module: import.meta.url, factory: 'decode', parameters: [] },
  start: () => ({ push: () => ({}), finish: () => ({}) }),
});
