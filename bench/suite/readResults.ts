// Reads an earlier run's JSON file, which anyone may have edited.
import { readFileSync, statSync } from 'node:fs';
import { FormatError } from '../../kernels/errors.ts';
import type { ContenderResult, RowResult, SuiteResults } from './results.ts';

const MAX_BYTES = 16 * 2 ** 20;

/** @throws FormatError naming the file, and what is not as `wgrad bench --json` writes it */
export function readResults(path: string): SuiteResults {
  const fail = (what: string): never => {
    throw new FormatError(`${path}: ${what}; a file written by wgrad bench --json is expected`);
  };
  const { size } = stat(path) ?? fail('cannot be read');
  if (size > MAX_BYTES) fail(`has ${size} bytes, more than ${MAX_BYTES}`);
  let found: unknown;
  try {
    found = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    fail(`is no JSON: ${(error as Error).message}`);
  }
  if (!isObject(found) || found.format !== 'wgrad-bench-1') return fail("has no format 'wgrad-bench-1'");
  if (typeof found.adapter !== 'string') return fail('names no adapter');
  if (!Array.isArray(found.rows)) return fail('has no rows');
  const bad = found.rows.findIndex((row) => !isRow(row));
  if (bad >= 0) fail(`row ${bad} has no workload, or times that are no positive numbers`);
  return found as unknown as SuiteResults;
}

function isRow(row: unknown): row is RowResult {
  if (!isObject(row) || !isObject(row.workload) || !Array.isArray(row.contenders)) return false;
  const { id, title } = row.workload;
  return typeof id === 'string' && typeof title === 'string' && row.contenders.every(isContender);
}

function isContender(one: unknown): one is ContenderResult {
  if (!isObject(one) || typeof one.name !== 'string' || !Array.isArray(one.ms)) return false;
  if (one.wrong !== undefined && typeof one.wrong !== 'string') return false;
  return one.ms.every((value) => typeof value === 'number' && value > 0 && Number.isFinite(value));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function stat(path: string) {
  try {
    const found = statSync(path);
    return found.isFile() ? found : undefined;
  } catch {
    return undefined;
  }
}
