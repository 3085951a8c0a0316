/** Hosts that a test runs on: the stand-in always, the real backtest-kit where it can be installed. */
import path from 'node:path';
import { prepareHost } from './host/prepare.mjs';
import { createStandIn, type Host } from './stand-in.js';

export async function hosts(): Promise<{ name: string; kit: Host }[]> {
  const found = [{ name: 'stand-in', kit: createStandIn() }];
  const { folder, reason } = prepareHost();
  if (folder === undefined) {
    console.warn(`backtest-kit itself is not tested here: ${reason}`);
    return found;
  }
  const kit = (await import(path.join(folder, 'node_modules/backtest-kit/build/index.mjs'))) as Host;
  found.push({ name: 'backtest-kit 19.5.0', kit });
  return found;
}
