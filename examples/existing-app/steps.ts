import type { AtcConfig } from 'atc-memory';

export interface Step {
  readonly name: string;
  /** What the step changes in the application. */
  readonly change: string;
  /** Without one the package is not even installed in the container. */
  readonly config?: AtcConfig;
}

/**
 * The whole way in and out again. Every step is one edit of atc.config.ts, but for the second, which adds the
 * package.
 */
export const STEPS: readonly Step[] = [
  { name: 'untouched', change: 'the application as it was' },
  { name: 'off', change: 'installed in the container, two marks, an empty configuration', config: {} },
  {
    name: 'verify',
    change: 'everything is encoded, decoded and compared; what it always stored is stored and served',
    config: { useCompression: 'verify', useMemoryMapped: 'verify' },
  },
  {
    name: 'on for one',
    change: 'the cache writes compressed entries, and reads the JSON it wrote before',
    config: { services: { PriceCache: { useCompression: true } } },
  },
  {
    name: 'on for all',
    change: 'history is served from mapped files as well',
    config: { useCompression: true, useMemoryMapped: true },
  },
  {
    name: 'read',
    change: 'the way back: entries are still read, JSON is written',
    config: { useCompression: 'read', useMemoryMapped: 'read' },
  },
  { name: 'back off', change: 'everything is as it was', config: {} },
];
