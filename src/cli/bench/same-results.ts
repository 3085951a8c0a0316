/** Throws when two ways gave different results: their times would not be comparable. */
export function requireSameResults(section: string, digests: readonly unknown[]): void {
  if (new Set(digests).size > 1) throw new Error(`atc bench: the ways of ${section} disagree: ${digests.join(', ')}`);
}
