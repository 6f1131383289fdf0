// Results of the suite with numbers that tests choose.
import type { ContenderName } from '../../bench/suite/contenders.ts';
import type { ContenderResult, RowResult, SuiteResults } from '../../bench/suite/results.ts';

export function contender(name: ContenderName, ms: number[], more: Partial<ContenderResult> = {}): ContenderResult {
  return { name, version: '1.0.0', ms, gpuErrors: 0, idleLoad: 0, ...more };
}

export function row(id: string, ...contenders: ContenderResult[]): RowResult {
  return { workload: { kind: 'matmul', id, title: `row ${id}`, n: 8 }, contenders };
}

export function results(rows: readonly RowResult[], more: Partial<SuiteResults> = {}): SuiteResults {
  return {
    ...{ format: 'wgrad-bench-1', suite: 'ops', isQuick: false, rounds: 3, adapter: 'some adapter' },
    ...{ date: '2026-01-02T03:04:05.000Z', commit: 'abc', node: 'v20', platform: 'linux x64', cpu: '2 x CPU' },
    ...{ packages: { wgrad: '0.1.0' }, rows, memory: [] },
    ...more,
  };
}
