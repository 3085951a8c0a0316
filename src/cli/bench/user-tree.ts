/** Packages of the user's project, loaded from where the command is run: the benchmark brings none of its own along. */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import { readText } from '../../io/json-file.js';

export class UserTree {
  constructor(readonly directory: string) {}

  /** The version of a package that is installed there, or undefined. */
  version(name: string): string | undefined {
    try {
      const { version } = this.#require(`${name}/package.json`) as { version: string };
      return version;
    } catch {
      // Packages may hide their package.json from `require`: it is read where it lies.
      return this.#tryLoad(name) === undefined ? undefined : (this.#versionBeside(name) ?? 'installed');
    }
  }

  #versionBeside(name: string): string | undefined {
    for (const folder of this.#require.resolve.paths(name) ?? []) {
      const text = readText(path.join(folder, name, 'package.json'));
      if (text !== undefined) return (JSON.parse(text) as { version?: string }).version;
    }
    return undefined;
  }

  /** Throws what the package throws. */
  load<T>(name: string): T {
    return this.#require(name) as T;
  }

  #tryLoad(name: string): unknown {
    try {
      return this.#require(name);
    } catch {
      return undefined;
    }
  }

  get #require(): NodeJS.Require {
    return createRequire(path.join(this.directory, 'atc-bench.js'));
  }
}

/** The first python3 that can import the modules: Debian's own lies beside another one on many machines. */
export function pythonWith(modules: readonly string[]): string | undefined {
  const program = `import ${modules.join(',')}`;
  return ['python3', '/usr/bin/python3', 'python'].find((python) => {
    return spawnSync(python, ['-c', program], { stdio: 'ignore' }).status === 0;
  });
}

export function hasCommand(command: string): boolean {
  return spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0;
}
