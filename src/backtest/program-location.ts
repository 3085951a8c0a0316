/**
 * Files that worker threads load: the worker, and modules of strategies. In a bundle those of this package are not
 * beside the code that runs; the installed package has them.
 */
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { AtcError } from '../errors.js';
import { isPresent } from '../io/json-file.js';
import { moduleLocation } from '../module-location.js';
import { bundlingAdvice, packageDirectory } from '../require-now.js';

/** Programs of this package, as scripts/bundle.js names them. */
const OWN_PROGRAMS = ['worker.js', 'sweep-worker.js', 'strategy.js', 'cached-strategy.js', 'sweep-strategy.js'];

/** URL of the module that worker threads run; UNSUPPORTED where there is none. */
export function workerLocation(): string {
  return programLocation('worker.js');
}

/** The same for a sweep. */
export function sweepWorkerLocation(): string {
  return programLocation('sweep-worker.js');
}

/**
 * The URL of a strategy's module, or where the installed package has it; UNSUPPORTED for a file that does not exist.
 */
export function strategyModule(url: string): string {
  if (!url.startsWith('file:')) {
    const name = /^atc-memory:([\w-]+\.js)$/.exec(url)?.[1];
    return name === undefined ? url : programLocation(name);
  }
  const file = fileURLToPath(url);
  if (isPresent(file)) return url;
  if (OWN_PROGRAMS.includes(path.basename(file))) return programLocation(path.basename(file));
  throw new AtcError('ARGUMENT', `the strategy's module ${file} does not exist; its reference must name a file`, {
    path: file,
  });
}

function programLocation(name: string): string {
  if (moduleLocation !== undefined) {
    const own = moduleLocation.startsWith('file:') ? fileURLToPath(moduleLocation) : moduleLocation;
    const beside = path.join(path.dirname(own), name);
    if (isPresent(beside)) return pathToFileURL(beside).href;
  }
  const directory = packageDirectory();
  const installed = directory && path.join(directory, 'dist/esm', name);
  if (installed !== undefined && isPresent(installed)) return pathToFileURL(installed).href;
  throw new AtcError('UNSUPPORTED', bundlingAdvice(`worker threads load ${name} of atc-memory, which is not here`));
}

/** Whether worker threads can be started at all; `reason` when they cannot. */
export function workersAvailable(strategyUrl: string): { readonly reason?: string } {
  try {
    workerLocation();
    strategyModule(strategyUrl);
    return {};
  } catch (error) {
    return { reason: (error as Error).message };
  }
}
