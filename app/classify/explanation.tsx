// Where a class comes from: the picture as the network saw it, with the class's map over it, and the choice of the class.
import { useState } from 'preact/hooks';
import { HeatView } from './heatView.tsx';
import type { ClassifierActions, ClassifierState } from './useClassifier.ts';

const GRIDS = [6, 10, 14];
/** A damaged file may have millions of classes, which no list holds. */
const MAX_LISTED = 22_000;

export function Explanation({ state, actions }: { state: ClassifierState; actions: ClassifierActions }) {
  const [opacity, setOpacity] = useState(0.7);
  const [grid, setGrid] = useState(GRIDS[1]!);
  const { checkpoint, prediction, names = [], classIndex = 0, map, progress, busy } = state;
  if (!checkpoint || !prediction) return null;
  const isActivation = checkpoint.explanation === 'activation';
  const name = names[classIndex];
  const shown = map ? ` with the map of ${name} over it, strongest ${placeOfMaximum(map)}` : '';
  return (
    <section class="explanation" aria-label="Where the class comes from">
      <HeatView view={prediction.view} map={map} opacity={opacity} label={`What the network was shown${shown}`} />
      <div class="controls">
        <label>
          Class shown
          <select
            value={classIndex}
            disabled={progress !== undefined}
            onChange={(event) => actions.explain(Number(event.currentTarget.value))}
          >
            <optgroup label="Most probable">
              {prediction.top.map(({ index, name: each }) => (
                <option key={index} value={index}>
                  {each}
                </option>
              ))}
            </optgroup>
            <optgroup label="All classes">
              {names.slice(0, MAX_LISTED).map((each, index) =>
                prediction.top.some((top) => top.index === index) ? null : (
                  <option key={index} value={index}>
                    {each}
                  </option>
                ),
              )}
            </optgroup>
          </select>
        </label>
        <label>
          Map over picture
          <input
            type="range"
            min="0"
            max="1"
            step="0.05"
            value={opacity}
            onInput={(event) => setOpacity(Number(event.currentTarget.value))}
          />
        </label>
        {!isActivation && (
          <div class="occlusion">
            <label>
              Patches
              <select value={grid} onChange={(event) => setGrid(Number(event.currentTarget.value))}>
                {GRIDS.map((each) => (
                  <option key={each} value={each}>
                    {each} × {each}
                  </option>
                ))}
              </select>
            </label>
            {progress ? (
              <button type="button" onClick={actions.stop}>
                Stop
              </button>
            ) : (
              <button type="button" disabled={busy !== undefined} onClick={() => actions.occlude(grid)}>
                Cover patch by patch
              </button>
            )}
            {progress && (
              <progress max={progress.total} value={progress.done} aria-label="Patches covered">
                {progress.done} of {progress.total}
              </progress>
            )}
          </div>
        )}
        {map && <Legend values={map.values} />}
        <p class="hint">
          {isActivation
            ? `Class-activation map: ${name}'s logit is the mean of this map, which the layer before global average pooling gives.`
            : `Occlusion sensitivity: how far ${name}'s logit falls when a patch there is covered with the mean colour.`}
        </p>
      </div>
    </section>
  );
}

function Legend({ values }: { values: Float32Array }) {
  const largest = values.reduce((a, b) => Math.max(a, b), 0);
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return (
    <div class="legend">
      <span>0</span>
      <span class="ramp" aria-hidden="true" />
      <span>{largest.toFixed(2)}</span>
      <span class="mean">mean {mean.toFixed(2)}</span>
    </div>
  );
}

/** `at row 3 of 8, column 4 of 8` */
function placeOfMaximum({ width, height, values }: { width: number; height: number; values: Float32Array }): string {
  const at = values.indexOf(values.reduce((a, b) => Math.max(a, b)));
  return `at row ${Math.floor(at / width) + 1} of ${height}, column ${(at % width) + 1} of ${width}`;
}
