// Which classes are taken for which, as a table shaded by the share of the row.

interface ConfusionTableProps {
  classes: readonly string[];
  /** [true class, predicted class] */
  counts: Uint32Array;
}

export function ConfusionTable({ classes, counts }: ConfusionTableProps) {
  const n = classes.length;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls
    <section class="table-scroll confusion" tabIndex={0} aria-label="Confusion matrix">
      <table>
        <caption>Rows: the true class. Columns: what was predicted.</caption>
        <thead>
          <tr>
            <td />
            {classes.map((name) => (
              <th key={name} scope="col" class="number">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {classes.map((name, row) => {
            const cells = counts.slice(row * n, (row + 1) * n);
            const total = Math.max(
              1,
              cells.reduce((sum, count) => sum + count, 0),
            );
            return (
              <tr key={name}>
                <th scope="row">{name}</th>
                {Array.from(cells, (count, column) => (
                  <td
                    key={classes[column]}
                    class={`number${column === row ? ' right' : ''}`}
                    style={{ '--share': `${Math.round((70 * count) / total)}%` }}
                  >
                    {count || ''}
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}
