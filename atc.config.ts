import { defineConfig } from 'atc-memory';

/** Everything here is the default; `atc config` prints where each value comes from. */
export default defineConfig({
  useMemoryMapped: false,
  useCompression: false,
  compressionLevel: 5,
  compressionAlgorithm: 'auto',
  cacheDir: '.cache/atc',
  mappingBackend: 'auto',
  services: {},
  atc: {},
});
