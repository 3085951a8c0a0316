/** Trials out of the columns of their families, each computed once for all trials that have it in common. */
import type { PositionSink } from 'atc-memory/sweep';
import type { FamilyRows, LayerRows } from '../engine.js';
import { ATC_FAMILIES } from '../families.js';
import { type AtcKernelChoice, chooseKernel } from '../kernel/choose-kernel.js';
import type { ResolvedAtcParameters } from '../parameters.js';
import { ADAPTIVE_FAMILY, adaptiveStateBytes, BarWeights, writeAdaptiveState } from './adaptive-pass.js';
import { chooseVotes } from './choose-votes.js';
import { CHUNK, COLUMN_BYTES, even, FamilyColumns, LANES } from './family-columns.js';
import { type FamilyPlan, sharedKey, sourceCount } from './family-plan.js';
import { SweepMemory } from './sweep-memory.js';
import type { VotePlan } from './vote-plan.js';

/** Runs one chunk of closes into the columns. */
type Pass = (closes: Float64Array) => void;

export class FamilyPart {
  readonly groups: number;
  readonly #memory = new SweepMemory();
  readonly #columns: FamilyColumns;
  readonly #votes: VotePlan | undefined;
  readonly #unused = new Float64Array(CHUNK);
  readonly #closesAt: number;
  readonly #statesAt: readonly number[];
  readonly #weightsAt: ReadonlyMap<string, number>;
  #passes: readonly Pass[] = [];
  #lastBar = -1;
  readonly #trials: readonly ResolvedAtcParameters[];
  readonly #plan: FamilyPlan;
  readonly #kernel: AtcKernelChoice;

  constructor(trials: readonly ResolvedAtcParameters[], plan: FamilyPlan, kernel: AtcKernelChoice) {
    this.#trials = trials;
    this.#plan = plan;
    this.#kernel = kernel;

    this.groups = Math.ceil(trials.length / LANES);
    const memory = this.#memory;
    this.#columns = new FamilyColumns(memory, sourceCount(plan));
    this.#closesAt = memory.reserve(CHUNK * 8);
    const keys = new Set(plan.adaptive.map(({ parameters: [first] }) => sharedKey(first)));
    this.#weightsAt = new Map([...keys].map((key) => [key, memory.reserve(CHUNK * 8)]));
    this.#statesAt = plan.adaptive.map(({ history }) => memory.reserve(adaptiveStateBytes(history)));
    const votes = kernel === 'typescript' ? undefined : chooseVotes(trials, plan.sourcesOf, this.#columns, memory);
    memory.open(kernel !== 'typescript');
    this.#votes = memory.wasm === undefined ? undefined : votes;
    if (memory.wasm !== undefined) votes?.open(memory.wasm);
    this.restart();
  }

  /** Before the first bar of a symbol. */
  restart(): void {
    const { passes, adaptive } = this.#plan;
    const whole = passes.map(({ parameters, history }, pass) =>
      this.#kernelPass(parameters, history, (family) => pass * ATC_FAMILIES.length + family),
    );
    const first = passes.length * ATC_FAMILIES.length;
    const { wasm } = this.#memory;
    if (wasm !== undefined) {
      this.#passes = [
        ...whole,
        ...this.#weightPasses(),
        ...adaptive.map((_, k) => this.#adaptivePass(k, first + 2 * k)),
      ];
      return;
    }
    const lanes = adaptive.flatMap(({ parameters, history }, k) =>
      parameters.map((one, lane) =>
        this.#kernelPass(one, history, (family) => (family === ADAPTIVE_FAMILY ? first + 2 * k + lane : undefined)),
      ),
    );
    this.#passes = [...whole, ...lanes];
  }

  /** `sourceOf`: where a family goes, undefined for one that nobody needs. */
  #kernelPass(
    parameters: ResolvedAtcParameters,
    history: number,
    sourceOf: (family: number) => number | undefined,
  ): Pass {
    const { engine } = chooseKernel(parameters, this.#kernel, history);
    const rows = (layer: 'signals' | 'equities') =>
      Object.fromEntries(
        ATC_FAMILIES.map((family, k) => {
          const source = sourceOf(k);
          return [family, source === undefined ? new Float64Array(CHUNK) : this.#columns[layer](source)];
        }),
      ) as unknown as FamilyRows;
    const layers: LayerRows = { layer1: rows('signals'), layer2: rows('equities') };
    return (closes) => engine.run(closes, this.#unused, layers);
  }

  /** What a bar weighs, for each set of parameters that adaptive passes share. */
  #weightPasses(): Pass[] {
    return [...this.#weightsAt].map(([key, at]) => {
      const [parameters] = this.#plan.adaptive.find(({ parameters: [first] }) => sharedKey(first) === key)!.parameters;
      const weights = new BarWeights(parameters);
      const out = this.#memory.doubles(at, CHUNK);
      return (closes) => weights.fill(closes, out);
    });
  }

  #adaptivePass(k: number, source: number): Pass {
    const pass = this.#plan.adaptive[k];
    const state = this.#statesAt[k];
    const weights = this.#weightsAt.get(sharedKey(pass.parameters[0])) as number;
    writeAdaptiveState(this.#memory.buffer, state, pass, [this.#columns.at(source), this.#columns.at(source + 1)]);
    return ({ length }) => this.#memory.wasm?.adaptive(state, length, this.#closesAt, weights, COLUMN_BYTES);
  }

  run(closes: Float64Array, groupAt: number, sink: PositionSink): void {
    const columns = this.#columns;
    const count = closes.length;
    this.#memory.doubles(this.#closesAt, CHUNK).set(closes);
    for (const pass of this.#passes) pass(closes);
    columns.written(count);
    this.#votes?.prepare(count);
    const bytes = columns.out().subarray(0, even(count) * LANES);
    for (let group = 0; group < this.groups; group++) {
      if (this.#votes === undefined || (columns.anyLarge && this.#isLarge(group))) this.#sidesOneByOne(group, count);
      else this.#votes.sides(group, count);
      sink.positions.set(bytes.length <= sink.positions.length ? bytes : bytes.subarray(0, count * LANES));
      sink.take(groupAt + group);
    }
    if (count > 0) this.#lastBar = count - 1;
  }

  #isLarge(group: number): boolean {
    const trials = this.#plan.sourcesOf.slice(group * LANES, (group + 1) * LANES);
    return trials.some((sources) => this.#columns.isLarge(sources));
  }

  #sidesOneByOne(group: number, count: number): void {
    for (let lane = 0; lane < LANES; lane++) {
      // A lane without a trial repeats the last one: its account is never looked at.
      const trial = Math.min(group * LANES + lane, this.#trials.length - 1);
      const { cut } = this.#trials[trial];
      this.#columns.sides(this.#plan.sourcesOf[trial], count, cut.long, cut.short, lane);
    }
  }

  /** Signal and trend of each trial at the last bar. */
  figures(): { readonly signal: number; readonly trend: number }[] {
    return this.#trials.map(({ cut }, trial) => {
      const sources = this.#plan.sourcesOf[trial];
      const signal = this.#lastBar < 0 ? 0 : this.#columns.average(sources, this.#lastBar, cut.long, cut.short);
      return { signal, trend: Math.sign(signal) };
    });
  }
}
