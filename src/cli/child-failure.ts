/** A child process that has failed and has reported why on the stderr that it shares with this one. */
export class ChildFailure extends Error {
  constructor(readonly exitCode: number) {
    super(`a run ended with exit code ${exitCode}`);
  }
}
