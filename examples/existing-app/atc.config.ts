import { defineConfig } from 'atc-memory';

export default defineConfig({
  useMemoryMapped: true,
  useCompression: true,
  services: {
    PriceCache: { compressionLevel: 7 },
  },
});
