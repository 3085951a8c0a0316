/**
 * The one way to load on first use what an import of the package must not pay for: other packages (valibot,
 * cosmiconfig, jiti, papaparse, pako, piscina), native modules, and the larger of Node's own (crypto, zlib).
 * Synchronous, because the first use may be.
 *
 * Bundlers change where this module lies, or forget it: then what belongs to the package is looked for where the
 * package is installed, seen from the program that runs.
 */
// The default import: bundlers replace calls of an imported `createRequire` by what they can resolve, which is nothing
// here.
import nodeModule from 'node:module';
import { AtcError } from './errors.js';
import { moduleLocation } from './module-location.js';

const loaded = new Map<string, unknown>();

/** A CommonJS module or one of Node's own, loaded now; what failed to load is tried again the next time. */
export function requireNow<Module>(id: string): Module {
  let module = loaded.get(id);
  if (module === undefined) {
    module = load(id);
    loaded.set(id, module);
  }
  return module as Module;
}

/** What Node resolves and loads as seen from a file: a path, or a file URL. */
export function requireFrom(file: string): NodeJS.Require {
  return nodeModule.createRequire(file);
}

/** The directory of the installed package as the running program sees it, or undefined where it is not installed. */
export function packageDirectory(): string | undefined {
  for (const file of [moduleLocation, process.argv[1], `${process.cwd()}/program.js`]) {
    if (file === undefined) continue;
    try {
      return requireFrom(file)
        .resolve('atc-memory/package.json')
        .replace(/[\\/]package\.json$/, '');
    } catch {
      // Not from there.
    }
  }
  return undefined;
}

/** How to bundle a program so that `what` is found. */
export function bundlingAdvice(what: string): string {
  return (
    `${what}; if this program is a bundle, leave atc-memory out of it and install it beside the bundle: mark it as ` +
    'external (esbuild --external:atc-memory, externals of webpack, external of rollup; ' +
    'node_modules/atc-memory/docs/bundling.md)'
  );
}

function load(id: string): unknown {
  // esbuild's CommonJS format has no import.meta.
  const from = moduleLocation ?? packageFile() ?? process.argv[1] ?? `${process.cwd()}/program.js`;
  return OWN.has(id) ? loadOwn(id, from) : requireFrom(from)(id);
}

function packageFile(): string | undefined {
  const directory = packageDirectory();
  return directory && `${directory}/package.json`;
}

/** Dependencies of this package: they are where it is, or the installation is not whole. */
const OWN = new Set(['commander', 'cosmiconfig', 'fzstd', 'jiti', 'pako', 'papaparse', 'piscina', 'valibot']);

function loadOwn(id: string, from: string): unknown {
  try {
    return requireFrom(from)(id);
  } catch (error) {
    if (!isAbsent(error, id)) throw error;
    const elsewhere = packageFile();
    if (elsewhere !== undefined && elsewhere !== from) {
      try {
        return requireFrom(elsewhere)(id);
      } catch (second) {
        if (!isAbsent(second, id)) throw second;
      }
    }
    const message = bundlingAdvice(`the package ${id}, which atc-memory needs here, is not installed`);
    throw new AtcError('UNSUPPORTED', message, { cause: error });
  }
}

/** The package itself, not one that it needs. */
function isAbsent(error: unknown, id: string): boolean {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === 'MODULE_NOT_FOUND' && String(message).includes(`'${id}'`);
}
