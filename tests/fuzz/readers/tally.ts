// What a worker has done, in memory that the watchdog reads while the worker hangs.

const FIELDS = [
  'index',
  'startedAt',
  'accepted',
  'refused',
  'failed',
  'slowestMs',
  'slowestIndex',
  'mostBytes',
  'mostIndex',
] as const;

export type TallyField = (typeof FIELDS)[number];
export type TallyValues = Record<TallyField, number>;

export class Tally {
  readonly memory: SharedArrayBuffer;
  readonly #values: Float64Array;

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(8 * FIELDS.length)) {
    this.memory = memory;
    this.#values = new Float64Array(memory);
  }

  get(field: TallyField): number {
    return this.#values[FIELDS.indexOf(field)]!;
  }

  set(field: TallyField, value: number): void {
    this.#values[FIELDS.indexOf(field)] = value;
  }

  add(field: TallyField, value: number): void {
    this.set(field, this.get(field) + value);
  }

  values(): TallyValues {
    return Object.fromEntries(FIELDS.map((field) => [field, this.get(field)])) as TallyValues;
  }
}
