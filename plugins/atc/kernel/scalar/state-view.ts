/** A state (../layout.ts) as TypeScript reads and writes it: by the byte offsets of the layout. */
export class StateView {
  private readonly doubles: Float64Array;
  private readonly integers: Int32Array;

  constructor(state: ArrayBuffer) {
    this.doubles = new Float64Array(state);
    this.integers = new Int32Array(state);
  }

  get(offset: number): number {
    return this.doubles[offset >> 3];
  }

  set(offset: number, value: number): void {
    this.doubles[offset >> 3] = value;
  }

  integer(offset: number): number {
    return this.integers[offset >> 2];
  }

  setInteger(offset: number, value: number): void {
    this.integers[offset >> 2] = value;
  }
}
