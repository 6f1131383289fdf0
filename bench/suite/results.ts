// What a run of the suite comes to, as its JSON file holds it.
import type { Environment } from '../environment.ts';
import type { ContenderName } from './contenders.ts';
import type { BufferCount } from './protocol.ts';
import type { Workload } from './workload.ts';

export interface SuiteResults extends Environment {
  readonly format: 'wgrad-bench-1';
  readonly suite: string;
  readonly isQuick: boolean;
  readonly rounds: number;
  /** Device, vendor, architecture, driver. */
  readonly adapter: string;
  /** Versions of the packages that took part. */
  readonly packages: Readonly<Record<string, string>>;
  readonly rows: readonly RowResult[];
  readonly memory: readonly MemoryResult[];
}

export interface RowResult {
  readonly workload: Workload;
  /** wgrad first. */
  readonly contenders: readonly ContenderResult[];
}

export interface ContenderResult {
  readonly name: ContenderName;
  version?: string;
  adapter?: string;
  setupMs?: number;
  /** Of the first run, with the shader caches as they were; of a cold row, with none. */
  firstMs?: number;
  /** Mean milliseconds per run of each round, in order; empty where wrong. */
  ms: number[];
  gpuErrors: number;
  /** The largest share of one processor it used while another contender was being timed. */
  idleLoad: number;
  /** Why its result is wrong or missing; such a contender has no times. */
  wrong?: string;
}

export interface MemoryResult {
  readonly workload: Workload;
  /** Counted after so many steps. */
  readonly steps: readonly number[];
  readonly contenders: readonly MemoryCount[];
}

export interface MemoryCount {
  readonly name: ContenderName;
  /** One for each of `steps`. */
  counts: BufferCount[];
  wrong?: string;
}
