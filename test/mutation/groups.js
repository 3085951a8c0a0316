/** What is mutated together, and the tests that are to notice it: those of these files alone, so that a run ends. */
export const GROUPS = {
  publish: {
    mutate: ['src/io/publish.ts', 'src/io/removal.ts'],
    tests: ['test/io/publish.test.ts', 'test/io/removal.test.ts'],
  },
  frame: {
    mutate: ['src/codec/frame-index.ts', 'src/codec/frame-header.ts', 'src/codec/frame-verify.ts'],
    tests: [
      'test/codec/frame-{allocation,arguments,damage,determinism,reader}.test.ts',
      'test/fuzz/frame-fuzz.test.ts',
    ],
  },
  codec: {
    mutate: ['src/codec/crc32c.ts', 'src/codec/byte-stream.ts', 'src/codec/lz4-decode.ts', 'src/codec/shuffle.ts'],
    tests: ['test/codec/bytes-{coders,crc32c,natives,stream}.test.ts'],
  },
  commit: {
    mutate: ['src/dataset/catalogue-file.ts', 'src/dataset/superseded.ts', 'src/dataset/amendment.ts'],
    tests: ['test/dataset/{append,commands,corpus,model}.test.ts'],
  },
  cache: {
    mutate: ['src/entries/entry-file.ts', 'src/cache-directory/entry-files.ts', 'src/cache-directory/held-files.ts'],
    tests: ['test/entries/{entry-directory,trust}.test.ts', 'test/cache-directory/entry-files.test.ts'],
  },
  journal: {
    mutate: ['src/candle-store/journal-record.ts'],
    tests: ['test/candle-store/journal-record.test.ts'],
  },
};

/** Of the environment: ATC_MUTATE=frame. */
export function chosenGroup() {
  const name = process.env.ATC_MUTATE ?? 'publish';
  if (!(name in GROUPS)) throw new Error(`ATC_MUTATE is one of ${Object.keys(GROUPS).join(', ')}`);
  return GROUPS[name];
}
