/** What can name a snapshot. */
import { AtcError, shown } from '../../errors.js';
import { DIGITS, NAME } from './version-name.js';

/** Names that Windows reserves for devices, with any ending. */
const RESERVED = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)/i;

/** Throws ARGUMENT for what cannot name a snapshot on every file system. */
export function requireSnapshotName(name: unknown): asserts name is string {
  const problem =
    typeof name !== 'string' || !NAME.test(name)
      ? 'letters A-Z and a-z, digits, ".", "_" and "-" are allowed, at most 100, beginning with a letter or digit'
      : DIGITS.test(name)
        ? 'digits alone are the number of a generation'
        : name.endsWith('.')
          ? 'it must not end with a dot'
          : RESERVED.test(name)
            ? 'Windows reserves it for a device'
            : undefined;
  if (problem !== undefined) throw new AtcError('ARGUMENT', `${shown(name)} cannot name a snapshot: ${problem}`);
}
