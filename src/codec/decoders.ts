/** Decoders that work in the kernels' arena, one of each. Apart from the encoders: whoever only reads does not load those. */
import { kernels } from '../kernels/index.js';
import type { ChunkDecoder } from './codec.js';
import { GrowthDecoder } from './growth/decoder.js';
import { NumericDecoder } from './numeric/decoder.js';
import { RepeatsDecoder } from './repeats/decoder.js';

export const NUMERIC_DECODER: ChunkDecoder = new NumericDecoder(kernels);
export const GROWTH_DECODER: ChunkDecoder = new GrowthDecoder(kernels);
export const REPEATS_DECODER: ChunkDecoder = new RepeatsDecoder(kernels);
