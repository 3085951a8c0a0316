/** Ways to code the integers of one column, each with its streams planned and its size known. */

import { type Kernels, PREDICT_DELTA, PREDICT_LINEAR, PREDICT_NONE, PREDICT_SPREAD } from '../../kernels/kernels.js';
import { PLANE_A, PLANE_B, PLANE_BYTES, PLANE_C, UNITS_A, UNITS_B, UNITS_U } from '../../kernels/offsets.js';
import { TEN_TO } from '../../kernels/powers.js';
import type { ChunkWriter } from './chunk-writer.js';
import { digitGroups } from './digits.js';
import { type ChunkHeader, writeHeader } from './header.js';
import type { NumericPolicy } from './policy.js';
import {
  isWide,
  type Mapping,
  mappingsBetween,
  mappingsOf,
  mapResiduals,
  type Predictor,
  residualsOf,
  type Units,
} from './predictors.js';
import { layPlanes, planesOf } from './residual-planes.js';
import { planStream, planStreamBelow, type StreamPlan, writeStream } from './stream.js';
import { commonMapping, guessTier, tieredResiduals } from './tiers.js';
import { LAYOUT_GROUPS, LAYOUT_PLAIN, LAYOUT_TIERS } from './wire.js';

/** What a search works with. */
export interface CandidateTools {
  readonly kernels: Kernels;
  readonly policy: NumericPolicy;
}

export interface Candidate {
  readonly predictor: Predictor;
  readonly layout: number;
  readonly mapping: Mapping;
  readonly first: number;
  readonly firstDelta: number;
  /** Bytes between the header and the streams. */
  readonly parameters: Uint8Array;
  readonly streams: readonly StreamPlan[];
  readonly bytes: number;
}

const NO_PARAMETERS = new Uint8Array(0);
/** Rough size of a header: only differences between candidates matter. */
const HEADER_BYTES = 8;

function candidateOf(
  predictor: Predictor,
  u: Units,
  a: Units,
  layout: number,
  mapping: Mapping,
  parameters: Uint8Array,
  streams: readonly StreamPlan[],
  firstResidual = 0,
): Candidate {
  const bytes = streams.reduce((sum, stream) => sum + stream.bytes, HEADER_BYTES + parameters.length);
  const start = startOf(predictor.kind, u, a);
  return { predictor, layout, mapping, parameters, streams, bytes, ...start, first: start.first - firstResidual };
}

function startOf(kind: number, u: Units, a: Units): { first: number; firstDelta: number } {
  if (u.length === 0) return { first: 0, firstDelta: 0 };
  if (kind === PREDICT_DELTA) return { first: u[0], firstDelta: 0 };
  if (kind === PREDICT_LINEAR) return { first: u[0], firstDelta: u.length > 1 ? u[1] - u[0] : 0 };
  if (kind === PREDICT_SPREAD) return { first: u[0] - a[0], firstDelta: 0 };
  return { first: 0, firstDelta: 0 };
}

/** Mappings a level codes in full: both where packing decides, which pays a whole bit for a wrong one. */
function mappingsTried(mappings: readonly Mapping[], policy: NumericPolicy): readonly Mapping[] {
  return mappings.slice(0, policy.trials > 1 || policy.tansBelow === 0 ? 2 : 1);
}

/** Bytes that the streams of a candidate have to stay below to come below `share` of the best so far. */
function bytesToBeat(best: Candidate | undefined, share: number, parameterBytes: number): number {
  return best === undefined ? Number.POSITIVE_INFINITY : best.bytes * share - HEADER_BYTES - parameterBytes;
}

/** The best so far, or the plain layout where that is smaller. */
function betterPlain(
  { kernels, policy }: CandidateTools,
  best: Candidate | undefined,
  predictor: Predictor,
  u: Units,
  a: Units,
  b: Units,
): Candidate | undefined {
  if (!isWide(u)) {
    const units = [u, a, b] as [Int32Array, Int32Array, Int32Array];
    return betterNarrow({ kernels, policy }, best, predictor, ...units);
  }
  const residuals = residualsOf(predictor.kind, u, a, b);
  const firstResidual = predictor.kind === PREDICT_DELTA && u.length > 0 ? residuals[0] : 0;
  let smallest = best;
  for (const mapping of mappingsTried(mappingsOf(residuals), policy)) {
    layPlanes(kernels.arena, mapResiduals(residuals, mapping));
    const stream = planStreamBelow(kernels, u.length, true, policy, bytesToBeat(smallest, 1, 0));
    if (stream === undefined) continue;
    const plain = candidateOf(predictor, u, a, LAYOUT_PLAIN, mapping, NO_PARAMETERS, [stream], firstResidual);
    smallest = better(smallest, plain, 1);
  }
  return smallest;
}

/** The same for narrow columns, in kernels. */
function betterNarrow(
  { kernels, policy }: CandidateTools,
  best: Candidate | undefined,
  predictor: Predictor,
  u: Int32Array,
  a: Int32Array,
  b: Int32Array,
): Candidate | undefined {
  const { i32 } = kernels.arena;
  const n = u.length;
  i32.set(u, UNITS_U >> 2);
  if (predictor.refs.length > 0) i32.set(a, UNITS_A >> 2);
  if (predictor.refs.length > 1) i32.set(b, UNITS_B >> 2);
  const [min, max] = kernels.residuals32(predictor.kind, n);
  const firstResidual = predictor.kind === PREDICT_DELTA ? i32[PLANE_B >> 2] : 0;
  let smallest = best;
  for (const mapping of mappingsTried(mappingsBetween(min, max), policy)) {
    kernels.mapResiduals32(PLANE_B, n, mapping.zigzag, mapping.offset);
    const stream = planStreamBelow(kernels, n, false, policy, bytesToBeat(smallest, 1, 0));
    if (stream === undefined) continue;
    const plain = candidateOf(predictor, u, a, LAYOUT_PLAIN, mapping, NO_PARAMETERS, [stream], firstResidual);
    smallest = better(smallest, plain, 1);
  }
  return smallest;
}

/** Two tiers, undefined where they are not worth it or do not come below `policy.tiersBelow` of the best so far. */
function tierCandidate(
  { kernels, policy }: CandidateTools,
  best: Candidate | undefined,
  predictor: Predictor,
  u: Units,
  a: Units,
  b: Units,
): Candidate | undefined {
  const exponent = guessTier(predictor.kind, u, a, b);
  if (exponent === 0) return undefined;
  if (!isWide(u)) return narrowTierCandidate({ kernels, policy }, best, predictor, u as Int32Array, a, exponent);
  const { flags, coarse, fine } = tieredResiduals(predictor.kind, u, a, b, exponent);
  const mapping = commonMapping(mappingsOf(coarse), mappingsOf(fine));
  if (mapping === undefined) return undefined;
  const streams = streamsBelow(bytesToBeat(best, policy.tiersBelow, 1), [
    (below) => {
      layPlanes(kernels.arena, flags);
      return planStreamBelow(kernels, flags.length, false, policy, below);
    },
    ...[coarse, fine].map((tier) => (below: number) => {
      layPlanes(kernels.arena, mapResiduals(tier, mapping));
      return planStreamBelow(kernels, tier.length, true, policy, below);
    }),
  ]);
  return streams && candidateOf(predictor, u, a, LAYOUT_TIERS, mapping, Uint8Array.of(exponent), streams);
}

/** The same for a narrow column, in kernels; it stands at UNITS_U, its refs at UNITS_A and UNITS_B. */
function narrowTierCandidate(
  { kernels, policy }: CandidateTools,
  best: Candidate | undefined,
  predictor: Predictor,
  u: Int32Array,
  a: Units,
  exponent: number,
): Candidate | undefined {
  const n = u.length;
  const { u8 } = kernels.arena;
  const coarseRows = kernels.tiers32(predictor.kind, n, TEN_TO[exponent]);
  const tiers = [
    { at: PLANE_B, rows: coarseRows },
    { at: PLANE_B + PLANE_BYTES, rows: n - coarseRows },
  ];
  const [coarse, fine] = tiers.map(({ at, rows }) => mappingsBetween(...kernels.extremes32(at, rows)));
  const mapping = commonMapping(coarse, fine);
  if (mapping === undefined) return undefined;
  const streams = streamsBelow(bytesToBeat(best, policy.tiersBelow, 1), [
    (below) => {
      u8.copyWithin(PLANE_A, PLANE_C, PLANE_C + 4 * n);
      return planStreamBelow(kernels, n, false, policy, below);
    },
    ...tiers.map(({ at, rows }) => (below: number) => {
      kernels.mapResiduals32(at, rows, mapping.zigzag, mapping.offset);
      return planStreamBelow(kernels, rows, false, policy, below);
    }),
  ]);
  return streams && candidateOf(predictor, u, a, LAYOUT_TIERS, mapping, Uint8Array.of(exponent), streams);
}

/** Streams planned one after the other, undefined as soon as they take `below` bytes or more together. */
function streamsBelow(
  below: number,
  plans: readonly ((below: number) => StreamPlan | undefined)[],
): StreamPlan[] | undefined {
  const streams: StreamPlan[] = [];
  let left = below;
  for (const plan of plans) {
    const stream = plan(left);
    if (stream === undefined || stream.bytes > left) return undefined;
    left -= stream.bytes;
    streams.push(stream);
  }
  return streams;
}

/** Rows that make a digit group worth its table. */
function fewestOf(n: number): number {
  return Math.max(24, n >> 8);
}

function groupCandidate({ kernels, policy }: CandidateTools, u: Units): Candidate | undefined {
  const groups = digitGroups(u, fewestOf(u.length));
  if (groups === undefined) return undefined;
  const streams = [
    planStream(kernels, groups.symbols, policy),
    ...groups.mantissas.map((planes) => planStream(kernels, planes, policy)),
  ];
  const parameters = Uint8Array.of(groups.exponents.length, ...groups.exponents);
  const mapping = { zigzag: false, offset: 0 };
  return candidateOf({ kind: PREDICT_NONE, refs: [] }, u, u, LAYOUT_GROUPS, mapping, parameters, streams);
}

/** A later candidate has to come below `share` of the best so far. */
function better(best: Candidate | undefined, next: Candidate | undefined, share: number): Candidate | undefined {
  if (next === undefined) return best;
  return best === undefined || next.bytes < best.bytes * share ? next : best;
}

/** The smallest candidate over the first `policy.trials` predictors; undefined where none is exact. */
export function chooseCandidate(
  tools: CandidateTools,
  units: readonly Units[],
  column: number,
  predictors: readonly Predictor[],
): Candidate | undefined {
  const { policy } = tools;
  const u = units[column];
  let best: Candidate | undefined;
  for (const predictor of predictors.slice(0, policy.trials)) {
    const a = predictor.refs.length > 0 ? units[predictor.refs[0]] : u;
    const b = predictor.refs.length > 1 ? units[predictor.refs[1]] : u;
    best = betterPlain(tools, best, predictor, u, a, b);
    if (policy.tiersBelow > 0) best = better(best, tierCandidate(tools, best, predictor, u, a, b), policy.tiersBelow);
  }
  if (policy.groupsBelow > 0 && predictors[0]?.kind === PREDICT_NONE) {
    best = better(best, groupCandidate(tools, u), policy.groupsBelow);
  }
  return best;
}

/** Writes header, parameters and streams. */
export function writeCandidate(
  kernels: Kernels,
  writer: ChunkWriter,
  candidate: Candidate,
  header: Pick<
    ChunkHeader,
    'form' | 'exponent' | 'divisor' | 'alpha' | 'seed' | 'base' | 'tick' | 'hasUlps' | 'hasExceptions' | 'wide'
  >,
): void {
  const { predictor, mapping, layout, first, firstDelta } = candidate;
  writeHeader(writer, {
    ...header,
    layout,
    start: {
      kind: predictor.kind,
      wide: header.wide,
      zigzag: mapping.zigzag,
      first: BigInt(first),
      firstDelta: BigInt(firstDelta),
      offset: BigInt(mapping.offset),
    },
  });
  writer.bytes(candidate.parameters);
  for (const stream of candidate.streams) writeStream(kernels, writer, stream);
}

/** A stream of a column's ulp corrections. */
export function planUlps({ kernels, policy }: CandidateTools, ulps: Int32Array): StreamPlan {
  const planes = planesOf(ulps.length, false);
  for (let i = 0; i < ulps.length; i++) planes.low[i] = (ulps[i] << 1) ^ (ulps[i] >> 31);
  return planStream(kernels, planes, policy);
}
