/** A network of its own for tests: two namespaces with a link between them that can be cut. */
import { execFileSync, spawnSync } from 'node:child_process';

export interface Network {
  /** Programs in here see nothing of the machine's other networks. */
  readonly here: string;
  readonly there: string;
  /** Address of `here`, as `there` reaches it. */
  readonly address: string;
  cut(): void;
  heal(): void;
  remove(): void;
}

/** Undefined, with a notice, where this process may not make one. */
export function createNetwork(): Network | undefined {
  const [here, there] = [`atc-a-${process.pid}`, `atc-b-${process.pid}`];
  const ip = (...args: string[]) => execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const remove = () => {
    for (const name of [here, there]) spawnSync('ip', ['netns', 'delete', name]);
  };
  try {
    ip('netns', 'add', here);
    ip('netns', 'add', there);
    ip('-n', here, 'link', 'add', 'veth0', 'type', 'veth', 'peer', 'name', 'veth0', 'netns', there);
    for (const [name, address] of [
      [here, '10.231.0.1/24'],
      [there, '10.231.0.2/24'],
    ]) {
      ip('-n', name, 'address', 'add', address, 'dev', 'veth0');
      for (const link of ['lo', 'veth0']) ip('-n', name, 'link', 'set', link, 'up');
    }
  } catch (error) {
    remove();
    console.warn(`no network namespaces here (${(error as Error).message.trim()}): a test of a cut link is left out`);
    return undefined;
  }
  return {
    here,
    there,
    address: '10.231.0.1',
    cut: () => ip('-n', here, 'link', 'set', 'veth0', 'down'),
    heal: () => ip('-n', here, 'link', 'set', 'veth0', 'up'),
    remove,
  };
}
