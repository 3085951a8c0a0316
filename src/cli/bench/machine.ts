/** What the figures were measured on. */
import os from 'node:os';
import { listBackends } from '../../io/select-backend.js';
import { packageVersion } from '../version.js';

export interface Machine {
  readonly package: string;
  /** Day of the run, UTC. */
  readonly date: string;
  readonly node: string;
  readonly system: string;
  readonly processor: string;
  readonly cores: number;
  readonly memoryBytes: number;
  /** Processes that wanted to run during the last minute; above the cores, times are longer than they need be. */
  readonly load: number;
  readonly mapping: string;
}

export function describeMachine(): Machine {
  const cpus = os.cpus();
  return {
    package: packageVersion(),
    date: new Date().toISOString().slice(0, 10),
    node: process.versions.node,
    system: `${os.type()} ${os.release()} ${process.arch}`,
    processor: cpus[0]?.model.trim() ?? 'unknown',
    cores: cpus.length,
    memoryBytes: os.totalmem(),
    load: Number(os.loadavg()[0].toFixed(1)),
    mapping: listBackends().find(({ available }) => available)?.name ?? 'read',
  };
}

export function machineLine({ processor, cores, memoryBytes, system, node, load, date, ...machine }: Machine): string {
  const gib = Math.round(memoryBytes / 2 ** 30);
  return `atc-memory ${machine.package}, Node ${node}, ${system}, mapping with ${machine.mapping}
${processor}, ${cores} cores, ${gib} GiB, load ${load}, ${date}`;
}
