/** The manifest of a dataset or of a file, by which another machine gets exactly these bytes. */
import path from 'node:path';
import { requireKnownOptions, requirePath, requireSignal } from '../../arguments.js';
import { sha256Of, sizeOf } from '../../cache-directory/part-file.js';
import { isDirectory } from '../../io/path-kind.js';
import { namesIn } from '../../io/temporary.js';
import { type DataFile, type DataManifest, manifestOf } from '../../remote/manifest.js';
import { CATALOGUE_FILE, isFrameSegment, PagedCatalogue } from '../catalogue.js';
import { openDatasetSync } from '../open.js';

/**
 * Names, sizes and SHA-256 of the files of a dataset (its catalogue, and the segments that the current version needs)
 * or of one file. Reads all of them once.
 *
 * @throws AtcError IO, CORRUPT or FORMAT_VERSION for what cannot be read.
 */
export async function describeData(
  source: string,
  options: {
    /** Stops with the signal's reason. */
    readonly signal?: AbortSignal;
  } = {},
): Promise<DataManifest> {
  requirePath(source, 'describeData: source');
  requireKnownOptions(options, ['signal'], 'describeData');
  requireSignal(options.signal, 'describeData');
  if (!isDirectory(source)) {
    return manifestOf([await describe(path.dirname(source), path.basename(source), options.signal)]);
  }
  // Its lease keeps the files while they are read.
  const dataset = openDatasetSync(source);
  try {
    const { catalogue } = dataset;
    const pages = catalogue instanceof PagedCatalogue ? catalogue.pages.files : [];
    const segments = catalogue.symbols.flatMap((entry) => entry.segments);
    const names = segments.flatMap((segment) =>
      isFrameSegment(segment)
        ? [segment.path]
        : namesIn(path.join(source, segment.path))
            .filter((name) => !name.startsWith('.'))
            .map((name) => `${segment.path}/${name}`),
    );
    const files: DataFile[] = [];
    for (const name of new Set([CATALOGUE_FILE, ...pages, ...names]))
      files.push(await describe(source, name, options.signal));
    return manifestOf(files);
  } finally {
    dataset.close();
  }
}

async function describe(root: string, name: string, signal: AbortSignal | undefined): Promise<DataFile> {
  const full = path.join(root, name);
  const sha256 = await sha256Of(full, signal);
  return { path: name.split(path.sep).join('/'), bytes: sizeOf(full) ?? 0, sha256 };
}
