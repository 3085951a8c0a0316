/**
 * Part of every key of cached signals and of every saved stream. To be raised with any change that gives other signals
 * for the same closes and parameters, in whatever bit (test/atc/signals-cache.test.ts holds a digest per version), and
 * with any change of what a kernel holds from bar to bar (kernel/layout.ts, the fields of the reference).
 */
export const ATC_KERNEL_VERSION = 1;
