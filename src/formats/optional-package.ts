/**
 * Packages that only some files need: loaded when one is read or written, and named with their install command when
 * they are missing.
 */
import { AtcError } from '../errors.js';

const MISSING = ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'];

/**
 * The modules that `load` imports. UNSUPPORTED, with the command that installs `packages`, when one of them is not
 * there.
 */
export async function loadOptional<Modules>(
  purpose: string,
  packages: readonly string[],
  load: () => Promise<Modules>,
): Promise<Modules> {
  try {
    return await load();
  } catch (cause) {
    const { code, message } = cause as { code?: string; message?: string };
    const isMissing =
      MISSING.includes(code ?? '') || packages.some((name) => message?.includes(`Cannot find module '${name}`));
    if (!isMissing) throw cause;
    const needs = packages.length === 1 ? `the package ${packages[0]}` : `the packages ${packages.join(' and ')}`;
    throw new AtcError('UNSUPPORTED', `${purpose} needs ${needs}: npm install ${packages.join(' ')}`, { cause });
  }
}
