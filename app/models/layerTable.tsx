// What each layer of a model gives and costs, as a table.
import type { Layer, Totals } from '../../engine/nn/index.ts';
import './layerTable.css';

interface LayerTableProps {
  layers: readonly Layer[];
  totals: Totals;
  /** Shown above: `ResNet-20 for an image of 3 × 32 × 32`. */
  caption: string;
  /** Dotted name of the layer that is marked. */
  selected?: string | undefined;
  /** Makes the names buttons. */
  onSelect?: (name: string) => void;
}

export function LayerTable({ layers, totals, caption, selected, onSelect }: LayerTableProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reached by keyboard
    <section class="layer-table" tabIndex={0} aria-label={`Layers: ${caption}`}>
      <table>
        <caption>{caption}</caption>
        <thead>
          <tr>
            <th scope="col">Layer</th>
            <th scope="col">Type</th>
            <th scope="col">Output</th>
            <th scope="col" class="number">
              Parameters
            </th>
            <th scope="col" class="number">
              MACs
            </th>
          </tr>
        </thead>
        <tbody>
          {layers.map(({ name, type, outputShape, parameters, macs }) => (
            <tr key={name} class={onSelect && name === selected ? 'selected' : undefined}>
              <th scope="row">
                {onSelect ? (
                  <button type="button" onClick={() => onSelect(name)}>
                    {name || '(the model itself)'}
                  </button>
                ) : (
                  name || '(the model itself)'
                )}
              </th>
              <td>{type}</td>
              <td>{outputShape.slice(1).join(' × ')}</td>
              <td class="number">{grouped(parameters)}</td>
              <td class="number">{grouped(macs)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row" colSpan={3}>
              All layers
            </th>
            <td class="number">{grouped(totals.parameters)}</td>
            <td class="number">{grouped(totals.macs)}</td>
          </tr>
        </tfoot>
      </table>
    </section>
  );
}

function grouped(count: number): string {
  return count.toLocaleString('en-US');
}
