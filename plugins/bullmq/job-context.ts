/** What a job needs to know of the worker that runs it. */
export interface JobContext {
  readonly cacheDir?: string;
  readonly sharedDirectory?: string;
  /** Where data are looked for, in place of what jobs name. */
  readonly dataFrom?: readonly string[];
  readonly signal: AbortSignal;
  /** Share of the job that is done. */
  readonly onShare: (share: number) => void;
}
