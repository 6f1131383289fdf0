// A table of figures that scrolls by itself where the page is narrow.
import type { ComponentChildren } from 'preact';

interface DataTableProps {
  caption: string;
  /** Numbers stand to the right. */
  columns: readonly { readonly title: string; readonly isNumber?: boolean }[];
  rows: readonly (readonly ComponentChildren[])[];
}

export function DataTable({ caption, columns, rows }: DataTableProps) {
  return (
    // a region that scrolls must be reachable by keyboard
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls
    <section class="table-scroll" tabIndex={0} aria-label={caption}>
      <table>
        <caption>{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ title, isNumber }) => (
              <th key={title} scope="col" class={isNumber ? 'number' : undefined}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={index}>
              {row.map((cell, column) => (
                <td key={columns[column]!.title} class={columns[column]!.isNumber ? 'number' : undefined}>
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
