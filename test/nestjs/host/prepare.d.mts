export interface NestHost {
  readonly version: number;
  /** Missing where NestJS could not be installed, for the `reason`. */
  readonly folder?: string;
  readonly reason?: string;
}
export function prepareNest(): readonly NestHost[];
