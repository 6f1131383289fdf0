// The Models page: every architecture block by block, and behind each layer its figures and its code.
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Layer } from '../../engine/nn/index.ts';
import { ErrorNotice } from '../shell/errorNotice.tsx';
import { CodeView } from './codeView.tsx';
import { DiagramView } from './diagramView.tsx';
import { LayerTable } from './layerTable.tsx';
import { queryOf } from './modelQuery.ts';
import type { ModelChoice, ModelFacts } from './session.ts';
import { type ChosenLayer, useFigure } from './useFigure.ts';
import './page.css';

export default function Page({ query }: { query: URLSearchParams }) {
  const [asked, setAsked] = useState(() => new URLSearchParams(query));
  const named = asked.get('layer');
  const [layer, setLayer] = useState<ChosenLayer | undefined>(
    named === null ? undefined : { name: named, isForward: false },
  );
  const { models, choice, figure, code, error } = useFigure(asked, layer);
  const facts = models.find(({ name }) => name === choice?.name);
  if (!choice || !facts) return error ? <ErrorNotice error={error} /> : <p role="status">Loading the models …</p>;

  const show = (next: ModelChoice, chosen: ChosenLayer | undefined) => {
    const text = queryOf(next, chosen?.name);
    history.replaceState(null, '', `#/models?${text}`);
    setAsked(new URLSearchParams(text));
    setLayer(chosen);
  };
  const select = (chosen: ChosenLayer) => show(choice, chosen);
  const rows = figure?.layers ?? [];
  return (
    <div class="models">
      <h1>Models</h1>
      <Controls models={models} choice={choice} onChange={(next) => show(next, undefined)} />
      <p class="paper">
        <a href={facts.paper.url}>{facts.paper.title}</a>, {facts.paper.authors}, {facts.paper.year}.
        {facts.accuracy && ` Published: ${facts.accuracy.top1} % top-1 on ${facts.accuracy.dataset}.`}
      </p>
      {error && <ErrorNotice error={error} />}
      {figure && (
        <>
          <p class="totals" role="status">
            <strong>{figure.choice.name}</strong>: {grouped(figure.totals.parameters)} parameters,{' '}
            {grouped(figure.totals.macs)} multiply-accumulates (MACs) and {grouped(figure.totals.activationBytes)} bytes
            of activations for one image of {figure.choice.inputShape.join(' × ')}.
          </p>
          <div class="parts">
            <div class="figure">
              <p class="hint">Click a box, or press Enter on it, for its code.</p>
              <DiagramView key={figure.svg} svg={figure.svg} selected={layer} onSelect={select} />
            </div>
            <div class="side">
              {layer && <LayerFigures layer={layer} rows={rows} />}
              {code && <CodeView code={code} />}
              <LayerTable
                layers={rows}
                totals={figure.totals}
                caption={`${figure.choice.name} for an image of ${figure.choice.inputShape.join(' × ')}`}
                selected={layer?.name}
                onSelect={(name) => select({ name, isForward: name === '' })}
              />
            </div>
          </div>
        </>
      )}
    </div>
  );
}

interface ControlsProps {
  models: readonly ModelFacts[];
  choice: ModelChoice;
  onChange: (choice: ModelChoice) => void;
}

function Controls({ models, choice, onChange }: ControlsProps) {
  const families = [...new Set(models.map(({ family }) => family))];
  const [channels, height, width] = choice.inputShape;
  const number = (label: string, value: number, set: (value: number) => ModelChoice) => (
    <label>
      {label}
      <input
        type="number"
        min="1"
        max="100000"
        value={value}
        onChange={(event) => onChange(set(event.currentTarget.valueAsNumber || 1))}
      />
    </label>
  );
  return (
    <div class="controls">
      <label>
        Model
        <select
          value={choice.name}
          onChange={(event) => {
            const { name, numClasses, inputShape } = models.find((each) => each.name === event.currentTarget.value)!;
            onChange({ name, numClasses, inputShape });
          }}
        >
          {families.map((family) => (
            <optgroup key={family} label={family}>
              {models
                .filter((each) => each.family === family)
                .map(({ name }) => (
                  <option key={name} value={name}>
                    {name}
                  </option>
                ))}
            </optgroup>
          ))}
        </select>
      </label>
      {number('Classes', choice.numClasses, (numClasses) => ({ ...choice, numClasses }))}
      {number('Channels', channels, (value) => ({ ...choice, inputShape: [value, height, width] }))}
      {number('Height', height, (value) => ({ ...choice, inputShape: [channels, value, width] }))}
      {number('Width', width, (value) => ({ ...choice, inputShape: [channels, height, value] }))}
    </div>
  );
}

/** What the chosen layer, or all in the chosen block, costs. */
function LayerFigures({ layer: { name }, rows }: { layer: ChosenLayer; rows: readonly Layer[] }) {
  const view = useRef<HTMLElement>(null);
  // where the page is one column, the figure's box is far above
  useLayoutEffect(() => view.current?.scrollIntoView({ block: 'nearest' }), [name]);
  const own = rows.filter((row) => row.name === name || (name && row.name.startsWith(`${name}.`)));
  const itself = own.find((row) => row.name === name);
  const last = itself ?? own.at(-1);
  if (!last) return null;
  const sum = (of: (row: Layer) => number) => grouped(own.reduce((total, row) => total + of(row), 0));
  const type = itself ? itself.type : `${own.length} layers`;
  return (
    <section ref={view} class="layer" aria-label="The chosen layer" aria-live="polite">
      <h2>{name || 'The model itself'}</h2>
      <dl>
        <div>
          <dt>Type</dt>
          <dd>{type}</dd>
        </div>
        <div>
          <dt>Output</dt>
          <dd>{last.outputShape.slice(1).join(' × ')}</dd>
        </div>
        <div>
          <dt>Parameters</dt>
          <dd>{sum(({ parameters }) => parameters)}</dd>
        </div>
        <div>
          <dt>MACs</dt>
          <dd>{sum(({ macs }) => macs)}</dd>
        </div>
        <div>
          <dt>Activations</dt>
          <dd>{sum(({ activationBytes }) => activationBytes)} bytes</dd>
        </div>
      </dl>
    </section>
  );
}

function grouped(count: number): string {
  return count.toLocaleString('en-US');
}
