/** What is mutated together, and the tests that are to notice it: those of these files alone, so that a run ends. */
export const GROUPS = {
  publish: {
    mutate: ['src/io/publish.ts', 'src/io/removal.ts'],
    tests: [
      'test/io/publish.test.ts',
      'test/io/removal.test.ts',
      'test/io/sync-order.test.ts',
      'test/io/directory-order.test.ts',
    ],
  },
  frame: {
    mutate: ['src/codec/frame-index.ts', 'src/codec/frame-header.ts', 'src/codec/frame-verify.ts'],
    tests: [
      'test/codec/frame-claims.test.ts',
      'test/codec/frame-verify.test.ts',
      'test/codec/frame-reader.test.ts',
      'test/codec/frame-arguments.test.ts',
      'test/codec/frame-damage.test.ts',
    ],
  },
  codec: {
    mutate: ['src/codec/crc32c.ts', 'src/codec/byte-stream.ts', 'src/codec/lz4-decode.ts'],
    tests: [
      'test/codec/bytes-coders.test.ts',
      'test/codec/bytes-crc32c.test.ts',
      'test/codec/bytes-stream.test.ts',
      'test/codec/lz4-damage.test.ts',
    ],
  },
  commit: {
    mutate: ['src/dataset/catalogue-file.ts', 'src/dataset/publish-catalogue.ts', 'src/dataset/superseded.ts'],
    tests: [
      'test/dataset/catalogue-file.test.ts',
      'test/dataset/superseded.test.ts',
      'test/dataset/publish-sync.test.ts',
    ],
  },
  pages: {
    mutate: ['src/dataset/catalogue-pages.ts', 'src/dataset/catalogue-writer.ts'],
    tests: ['test/dataset/catalogue-pages.test.ts'],
  },
  cache: {
    mutate: ['src/cache-directory/entry-files.ts', 'src/cache-directory/held-files.ts'],
    tests: ['test/cache-directory/entry-files.test.ts', 'test/cache-directory/entry-races.test.ts'],
  },
  bounds: {
    mutate: [
      'src/cache-directory/byte-budget.ts',
      'src/cache-directory/size-limit.ts',
      'src/cache-directory/quarantine.ts',
    ],
    tests: ['test/cache-directory/size-limit.test.ts', 'test/cache-directory/quarantine.test.ts'],
  },
  journal: {
    mutate: ['src/candle-store/journal-record.ts'],
    tests: ['test/candle-store/journal-record.test.ts'],
  },
};
