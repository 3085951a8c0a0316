/** Entry point `atc-memory/sweep`. */
import { provideNativeCompression } from '../codec/natives.js';
import { loadNativeCompression } from '../io/native-compression.js';

export { ResultDirectory } from '../io/result-directory.js';
export type { ReturnMoments } from '../report/sharpe-tests.js';
export type { Overfitting } from '../report/slices.js';
export type { ConstraintSource } from './constraints.js';
export type { EquityCurve } from './curves.js';
export { snapshotIdOf } from './history.js';
export { checkLookahead, type Lookahead, type LookaheadOptions } from './lookahead.js';
export type { NamedObjective, Objective, ObjectiveFunction, TrialOutcome } from './objective.js';
export { describeStudy, type StudyDescription } from './open-study.js';
export type { Shard, SweepOptions, SweepProgress } from './options.js';
export { type SweepPartOptions, sweepPart } from './part.js';
export type { MedianPruner, Pruner } from './pruner.js';
export type { HoldoutReport, LuckReport, RankedTrial, Sensitivity, SweepReport } from './report.js';
export { SweepResult } from './result.js';
export type { SamplerName } from './samplers.js';
export type { PositionSink, SharedRun, StrategyFactory, SweepStrategy } from './seams.js';
export type {
  CategoricalDistribution,
  Condition,
  Conditional,
  Distribution,
  FloatDistribution,
  IntDistribution,
  ParameterValue,
  SearchSpace,
  TrialParameters,
} from './space.js';
export {
  Study,
  type StudyOptions,
  type StudyState,
  type StudyTrial,
  type TrialRecord,
  type TrialState,
} from './study.js';
export { StudyPart } from './study-part.js';
export { readSweep, sweep } from './sweep.js';
export type { TrialTable } from './trial-table.js';
export {
  type WalkForwardOptions,
  type WalkForwardResult,
  type WalkForwardSymbol,
  type WalkForwardWindow,
  walkForward,
} from './walk-forward.js';

// As the main entry point does: this one may be the only one that is imported.
provideNativeCompression(loadNativeCompression);
