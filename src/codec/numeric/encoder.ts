/**
 * The joint encoder of a block: every column to integers, columns that run side by side related to each other, the
 * smallest layout of each. What it makes is decoded again and compared bit for bit; a column that is not the same is
 * left to the byte codecs, as is one that numbers do not make smaller.
 */
import { bytesOf, dtypeOf, type TypedArray, viewAs } from '../../dtype.js';
import { isAtcError } from '../../errors.js';
import { FORM_INTEGER, FORM_RATIO, FORM_SMOOTHED, type Kernels } from '../../kernels/kernels.js';
import { MAX_ROWS, OUT, UNITS_U } from '../../kernels/offsets.js';
import type { Block, BlockReader, Chunk } from '../codec.js';
import { encodeBits } from './bit-column.js';
import { type Candidate, type CandidateTools, chooseCandidate, planUlps, writeCandidate } from './candidates.js';
import { ChunkWriter } from './chunk-writer.js';
import type { Decimal } from './decimal-search.js';
import { NumericDecoder } from './decoder.js';
import { wordsOf, writeExceptions } from './exceptions.js';
import { applyGrain, findGrain, type Grain } from './grain.js';
import { decimalOf, type IntegerColumn, integersOfDoubles, integersOfInteger } from './integers.js';
import type { NumericPolicy } from './policy.js';
import { type Predictor, type Units } from './predictors.js';
import { findRecipe } from './recipes.js';
import { findGroups, relate, soloPredictors } from './relations.js';
import { releaseRows } from './row-pool.js';
import { encodeRuns } from './runs-encoder.js';
import { slotsOf } from './slots.js';
import { writeStream } from './stream.js';
import { CHUNK_INTEGERS, NUMERIC_WIRE_ID } from './wire.js';

/** Runs that are shorter than this on average are not worth a run-length chunk. */
const SHORTEST_RUN = 64;
/** From this exponent on, and for recipes, a column counts as decimal only if its bits are not smaller. */
const DOUBTFUL_EXPONENT = 10;

function isDoubtful({ form, exponent }: IntegerColumn): boolean {
  return exponent >= DOUBTFUL_EXPONENT || form === FORM_RATIO || form === FORM_SMOOTHED;
}

function isRecipe(column: IntegerColumn | undefined): boolean {
  return column?.form === FORM_RATIO || column?.form === FORM_SMOOTHED;
}

/** Bytes of a block's chunks, columns without one as they are. */
function totalOf({ columns }: Block, chunks: readonly Attempted[]): number {
  return chunks.reduce((sum, { chunk }, i) => sum + (chunk?.bytes.length ?? columns[i].byteLength), 0);
}

/** Score above which a decimal is exact for most rows, not only near. */
const PLAIN_SCORE = 0.92;

/** A column on its way: integers where it has some, or bytes that are final. */
interface Prepared {
  chunk?: Chunk;
  integers?: IntegerColumn;
  grain?: Grain;
}

interface Attempted {
  readonly chunk: Chunk | undefined;
  /** Coded by a recipe, though it runs beside other columns. */
  readonly isRelatedRecipe: boolean;
}

export class NumericEncoder {
  readonly #kernels: Kernels;
  readonly #policy: NumericPolicy;
  readonly #tools: CandidateTools;
  readonly #decoder: NumericDecoder;

  constructor(kernels: Kernels, policy: NumericPolicy) {
    this.#kernels = kernels;
    this.#policy = policy;
    this.#tools = { kernels, policy };
    this.#decoder = new NumericDecoder(() => kernels);
  }

  /**
   * A chunk for every column that it can make smaller, undefined for the others. Blocks beyond MAX_ROWS are not for it.
   */
  encode(block: Block): (Chunk | undefined)[] {
    if (block.rows === 0 || block.rows > MAX_ROWS) return block.columns.map(() => undefined);
    const chunks = this.#attempt(block, this.#policy.recipes);
    if (!chunks.some((chunk) => chunk.isRelatedRecipe)) return chunks.map(({ chunk }) => chunk);
    // A recipe takes a column out of its group, which may cost more than the recipe gains.
    const without = this.#attempt(block, false);
    const isBetter = totalOf(block, without) < totalOf(block, chunks);
    return (isBetter ? without : chunks).map(({ chunk }) => chunk);
  }

  #attempt(block: Block, recipes: boolean): Attempted[] {
    // What a decoder cached in the arena is about to be overwritten.
    slotsOf(this.#kernels).clear();
    releaseRows();
    const prepared = block.columns.map((values) => this.#repeated(values));
    const groups = this.#convert(block, prepared, recipes);
    const units = prepared.map((column) => unitsOf(this.#kernels, column));
    const predictors = this.#predictors(units, prepared, groups);
    const chunks = prepared.map((column, i) => column.chunk ?? this.#write(block, column, units, i, predictors[i]));
    return this.#verified(block, chunks).map((chunk, i) => ({
      chunk,
      isRelatedRecipe: isRecipe(prepared[i].integers) && groups.some((group) => group.includes(i)),
    }));
  }

  /** Constants and long runs need nothing else. */
  #repeated(values: TypedArray): Prepared {
    const bytes = encodeRuns(values, Math.floor(values.length / SHORTEST_RUN));
    return bytes === undefined ? {} : { chunk: { wireId: NUMERIC_WIRE_ID, refs: [], bytes } };
  }

  /** Integers and grains of all columns; returns the groups of columns to relate. */
  #convert(block: Block, prepared: Prepared[], recipes: boolean): number[][] {
    const decimals = block.columns.map((values, column) => (prepared[column].chunk ? undefined : floatDecimal(values)));
    const groups = this.#policy.relations ? decimalGroups(block, decimals) : [];
    for (const group of groups) {
      const exponent = Math.max(...group.map((column) => decimals[column]!.exponent));
      for (const column of group) decimals[column] = { ...decimals[column]!, exponent };
    }
    for (let column = 0; column < prepared.length; column++) {
      if (prepared[column].chunk !== undefined) continue;
      prepared[column].integers = this.#integersOf(block.columns[column], decimals[column], recipes);
    }
    const related = groups.map((group) => group.filter((column) => prepared[column].integers !== undefined));
    for (const group of related) {
      const grain = findGrain(
        this.#kernels,
        group.map((column) => prepared[column].integers!),
      );
      for (const column of group) prepared[column].grain = grain;
    }
    for (const column of prepared) {
      if (column.integers !== undefined) column.grain ??= findGrain(this.#kernels, [column.integers]);
    }
    return related.filter((group) => group.length > 1);
  }

  #integersOf(values: TypedArray, decimal: Decimal | undefined, recipes: boolean): IntegerColumn | undefined {
    if (!isFloat(values)) return integersOfInteger(values);
    // Long decimals within some ulps hold anything of up to 15 digits: look for where the numbers come from first.
    const isPlain = decimal !== undefined && decimal.exponent < DOUBTFUL_EXPONENT && decimal.score > PLAIN_SCORE;
    const recipe = isPlain || !recipes || values.BYTES_PER_ELEMENT === 4 ? undefined : findRecipe(values);
    return recipe ?? (decimal && integersOfDoubles(this.#kernels, values, decimal));
  }

  #predictors(units: readonly Units[], prepared: readonly Prepared[], groups: readonly number[][]): Predictor[][] {
    const predictors = new Map<number, Predictor[]>();
    for (const group of groups) for (const [column, ranked] of relate(units, group)) predictors.set(column, ranked);
    return prepared.map((column, i) => {
      if (column.integers === undefined) return [];
      return predictors.get(i) ?? soloPredictors(units, i);
    });
  }

  #write(
    block: Block,
    { integers, grain }: Prepared,
    units: readonly Units[],
    column: number,
    predictors: readonly Predictor[],
  ): Chunk | undefined {
    const values = block.columns[column];
    const bits = integers === undefined || isDoubtful(integers) ? this.#writeBits(values) : undefined;
    const candidate = integers && chooseCandidate(this.#tools, units, column, predictors);
    if (candidate === undefined || integers === undefined) return bits ?? this.#writeBits(values);
    const chunk = this.#writeIntegers(values, integers, grain!, candidate);
    return bits !== undefined && bits.bytes.length < chunk.bytes.length ? bits : chunk;
  }

  #writeBits(values: TypedArray): Chunk | undefined {
    if (values.BYTES_PER_ELEMENT < 4) return undefined;
    if (!isFloat(values) && values.BYTES_PER_ELEMENT < 8) return undefined;
    return { wireId: NUMERIC_WIRE_ID, refs: [], bytes: encodeBits(this.#kernels, values, this.#policy) };
  }

  #writeIntegers(values: TypedArray, integers: IntegerColumn, grain: Grain, candidate: Candidate): Chunk {
    const writer = new ChunkWriter(candidate.bytes + 1024);
    writer.byte(CHUNK_INTEGERS);
    const { exceptions, ulps } = integers;
    writeCandidate(this.#kernels, writer, candidate, {
      form: integers.form,
      exponent: integers.exponent,
      divisor: integers.divisor ?? 1,
      alpha: integers.alpha ?? 0,
      seed: integers.seed ?? 0,
      wide: !grain.narrow,
      base: BigInt(grain.base),
      tick: BigInt(grain.tick),
      hasUlps: ulps !== undefined,
      hasExceptions: exceptions.length > 0,
    });
    if (ulps !== undefined) writeStream(this.#kernels, writer, planUlps(this.#tools, ulps));
    if (exceptions.length > 0) writeExceptions(writer, wordsOf(values as Float64Array), exceptions);
    return { wireId: NUMERIC_WIRE_ID, refs: candidate.predictor.refs, bytes: writer.finish() };
  }

  /**
   * Drops chunks that do not decode to the very same bits, or are not smaller than the column, and whatever refers to
   * them.
   */
  #verified(block: Block, chunks: readonly (Chunk | undefined)[]): (Chunk | undefined)[] {
    const kept = withRefs(chunks);
    const { arena } = this.#kernels;
    const reader: BlockReader = {
      schema: block.schema,
      rows: block.rows,
      memo: new Map(),
      chunk: (column) => kept[column]!,
    };
    for (let column = 0; column < kept.length; column++) {
      const chunk = kept[column];
      if (chunk === undefined) continue;
      const values = block.columns[column];
      // Behind everything a decoder works with.
      const out = viewAs(block.schema[column].dtype, arena.buffer, UNITS_U, block.rows);
      if (chunk.bytes.length >= values.byteLength) return this.#without(block, kept, column);
      if (!this.#decodes(reader, column, out)) return this.#without(block, kept, column);
      arena.u8.set(bytesOf(values), OUT);
      if (!this.#kernels.equal(UNITS_U, values.byteLength)) return this.#without(block, kept, column);
    }
    return kept;
  }

  /**
   * Whether a chunk can be decoded at all. It cannot where a column that it refers to was smaller as bits, which are
   * wide, than as the narrow integers of their group.
   */
  #decodes(reader: BlockReader, column: number, out: TypedArray): boolean {
    try {
      this.#decoder.decode(reader, column, out);
      return true;
    } catch (error) {
      if (isAtcError(error, 'CORRUPT')) return false;
      throw error;
    }
  }

  #without(block: Block, chunks: readonly (Chunk | undefined)[], column: number): (Chunk | undefined)[] {
    return this.#verified(
      block,
      chunks.map((chunk, i) => (i === column ? undefined : chunk)),
    );
  }
}

/**
 * Chunks whose references lead to chunks, through however many others: a column may come before the ones it refers to,
 * and is decoded through all of them.
 */
function withRefs(chunks: readonly (Chunk | undefined)[]): (Chunk | undefined)[] {
  const kept = chunks.slice();
  for (let before = -1, count = 0; count !== before; ) {
    for (let i = 0; i < kept.length; i++) if (kept[i]?.refs.some((ref) => kept[ref] === undefined)) kept[i] = undefined;
    before = count;
    count = kept.filter((chunk) => chunk === undefined).length;
  }
  return kept;
}

function isFloat(values: TypedArray): values is Float64Array | Float32Array {
  const dtype = dtypeOf(values);
  return dtype === 'float64' || dtype === 'float32';
}

function floatDecimal(values: TypedArray): Decimal | undefined {
  return isFloat(values) ? decimalOf(values) : undefined;
}

/** Decimal float64 columns that run side by side. */
function decimalGroups(block: Block, decimals: readonly (Decimal | undefined)[]): number[][] {
  const candidates = decimals.flatMap((decimal, column) =>
    decimal !== undefined && block.schema[column].dtype === 'float64' && decimal.form !== FORM_INTEGER ? [column] : [],
  );
  return findGroups(block.columns as Float64Array[], candidates);
}

const NO_UNITS = new Int32Array(0);

function unitsOf(kernels: Kernels, { integers, grain }: Prepared): Units {
  return integers === undefined ? NO_UNITS : applyGrain(kernels, integers.values, grain!);
}
