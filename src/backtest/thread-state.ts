/** What a worker thread opens and rebuilds once, whatever number of tasks it gets; threads end with their run. */
import { provideNativeCompression } from '../codec/natives.js';
import { DirectoryDataset } from '../dataset/directory-dataset.js';
import type { OpenDatasetOptions } from '../dataset/open-segments.js';
import { unleasedVersion } from '../dataset/versions/lease-version.js';
import { AtcError } from '../errors.js';
import { loadNativeCompression } from '../io/native-compression.js';
import { rebuild } from './rebuild.js';
import type { StrategyReference } from './seams.js';

/** The part of a task that says what is read. */
export interface DatasetOfTask {
  readonly directory: string;
  readonly open: OpenDatasetOptions;
  /** Content that the run was planned for, and the catalogue that says so. */
  readonly snapshotId: string;
  readonly catalogueKey: string;
}

const datasets = new Map<string, DirectoryDataset>();
const strategies = new Map<string, Promise<unknown>>();

/**
 * The dataset of a task. The run holds the lease: a thread that is ended could not give back its own.
 *
 * @throws AtcError IO when the dataset is no longer what the run was planned for.
 */
export function datasetOfThread({ directory, open, snapshotId, catalogueKey }: DatasetOfTask): DirectoryDataset {
  provideNativeCompression(loadNativeCompression);
  let dataset = datasets.get(directory);
  if (dataset === undefined) {
    dataset = new DirectoryDataset(directory, open, unleasedVersion);
    datasets.set(directory, dataset);
  }
  // The identity of the content takes the entries of all symbols; it is needed where the dataset was compacted meanwhile.
  if (dataset.catalogueKey !== catalogueKey && dataset.snapshotId !== snapshotId) {
    throw new AtcError('IO', `${directory} has changed during the run; run it again`, { path: directory });
  }
  return dataset;
}

/** The strategy of a task: the same object for the same reference. */
export function strategyOfThread(reference: StrategyReference): Promise<unknown> {
  const key = JSON.stringify(reference);
  let strategy = strategies.get(key);
  if (strategy === undefined) {
    strategy = rebuild(reference);
    strategies.set(key, strategy);
  }
  return strategy;
}
