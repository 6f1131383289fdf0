// Rows of text in columns: the first column to the left, numbers to the right.

/** @param rows the first is the header; every row has as many cells */
export function textTable(rows: readonly (readonly string[])[]): string {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const lineOf = (row: readonly string[]) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))).join('  ');
  const [header, ...body] = rows.map(lineOf);
  return [header, '-'.repeat(header.length), ...body].map((line) => line.trimEnd()).join('\n');
}
