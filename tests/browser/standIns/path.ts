// Stands in for the part of node:path that suites use while they load.

export function join(...parts: readonly string[]): string {
  return parts.filter(Boolean).join('/');
}
