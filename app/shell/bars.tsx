// Shares of one, as bars with their figures.

export interface BarRow {
  readonly label: string;
  /** 0 to 1: the length of the bar. */
  readonly value: number;
  /** The figure as it is to be read. */
  readonly text: string;
}

export function Bars({ rows }: { rows: readonly BarRow[] }) {
  return (
    <dl class="bars">
      {rows.map(({ label, value, text }) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>
            <span class="bar" style={{ width: `${100 * Math.min(Math.max(value, 0), 1)}%` }} />
            <span class="figure-text">{text}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}
