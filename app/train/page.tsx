// The Train page: a network learns while one looks.
import { useMemo, useState } from 'preact/hooks';
import { Bars } from '../shell/bars.tsx';
import { ErrorNotice } from '../shell/errorNotice.tsx';
import { FileDrop } from '../shell/fileDrop.tsx';
import { LineChart } from '../shell/lineChart.tsx';
import { NoWebGPU } from '../shell/noWebGPU.tsx';
import type { PageProps } from '../shell/pages.ts';
import { saveFile } from '../shell/saveFile.ts';
import { ConfusionTable } from './confusionTable.tsx';
import { ImagePad } from './imagePad.tsx';
import { MapGrid } from './mapGrid.tsx';
import type { DataFacts, OptimizerName, Settings, TestReport } from './session.ts';
import { type TrainingActions, type TrainingState, useTraining } from './useTraining.ts';
import './page.css';

const DEFAULTS: Settings = { epochs: 5, batchSize: 32, lr: 2e-3, optimizer: 'adamw', seed: 0 };
const DIGITS = 2000;

type NumberSetting = Exclude<keyof Settings, 'optimizer'>;

export default function Page({ query }: PageProps) {
  return navigator.gpu ? <Train query={query} /> : <NoWebGPU />;
}

function Train({ query }: PageProps) {
  const asked = (name: NumberSetting) => Number(query.get(name) ?? DEFAULTS[name]);
  const [settings, setSettings] = useState<Settings>({
    ...{ epochs: asked('epochs'), batchSize: asked('batchSize'), lr: asked('lr'), seed: asked('seed') },
    optimizer: query.get('optimizer') === 'sgd' ? 'sgd' : DEFAULTS.optimizer,
  });
  const [state, actions] = useTraining(Number(query.get('digits') ?? DIGITS));
  const { data, phase, error, tests, losses, kept } = state;
  const set = (more: Partial<Settings>) => {
    const next = { ...settings, ...more };
    setSettings(next);
    const address = new URLSearchParams(query);
    for (const [name, value] of Object.entries(next)) address.set(name, String(value));
    history.replaceState(null, '', `#/train?${address}`);
  };
  const last = tests.at(-1);
  // reports come ten times a second: what a report leaves as it is must not be compared again
  const charts = useMemo(() => <Charts losses={losses} tests={tests} />, [losses, tests]);
  const filters = useMemo(
    () => state.filters && <MapGrid label="Filters of the first convolution" maps={state.filters} />,
    [state.filters],
  );
  const { image, answer } = state;
  const look = useMemo(() => data && <Look {...{ data, image, answer, actions }} />, [data, image, answer]);
  const confusion = useMemo(
    () => data && last && <ConfusionTable classes={data.classes} counts={last.confusion} />,
    [data, last],
  );
  return (
    <div class="train">
      <h1>Train</h1>
      {data ? <DataLine data={data} /> : <p role="status">Drawing digits …</p>}
      <SettingsForm settings={settings} onChange={set} isDisabled={phase === 'training'} />
      <Buttons phase={phase} settings={settings} actions={actions} />
      {kept && phase === 'ready' && (
        <p class="kept">
          This browser kept a run of {kept.model} on {kept.data}: {kept.epoch} epochs, best {percent(kept.testAccuracy)}
          .{' '}
          <button type="button" onClick={actions.resumeKept}>
            Go on with it
          </button>
        </p>
      )}
      {error && <ErrorNotice error={error} onRetry={phase === 'lost' ? actions.restart : undefined} />}
      <p class="status" role="status">
        {statusLine(state)}
      </p>
      {charts}
      {filters}
      {look}
      {confusion}
      <Files actions={actions} phase={phase} />
      {query.has('faults') && (
        <button type="button" onClick={actions.loseDevice}>
          Lose the device
        </button>
      )}
    </div>
  );
}

function Charts({ losses, tests }: Pick<TrainingState, 'losses' | 'tests'>) {
  const ofTests = useMemo(() => {
    const over = (x: (test: TestReport) => number, y: (test: TestReport) => number) =>
      tests.map((test) => [x(test), y(test)] as const);
    return {
      loss: over(
        ({ step }) => step,
        ({ testLoss }) => testLoss,
      ),
      accuracy: [
        { label: 'training accuracy %', points: over(epochOf, ({ trainAccuracy }) => 100 * trainAccuracy) },
        { label: 'test accuracy %', points: over(epochOf, ({ testAccuracy }) => 100 * testAccuracy) },
      ],
    };
  }, [tests]);
  const ofSteps = useMemo(
    () => [
      { label: 'training loss', points: losses },
      { label: 'test loss', points: ofTests.loss },
    ],
    [losses, ofTests],
  );
  return (
    <div class="charts">
      <LineChart series={ofSteps} xLabel="step" yLabel="loss" />
      <LineChart series={ofTests.accuracy} xLabel="epoch" yLabel="%" range={[0, 100]} />
    </div>
  );
}

function epochOf({ epoch }: TestReport): number {
  return epoch;
}

function DataLine({ data }: { data: DataFacts }) {
  return (
    <p class="data">
      <strong>{data.model}</strong> ({data.parameters.toLocaleString('en-US')} parameters) on{' '}
      <strong>{data.name}</strong>: {data.trainCount.toLocaleString('en-US')} training and{' '}
      {data.testCount.toLocaleString('en-US')} test images of {data.shape.join(' × ')}.
    </p>
  );
}

interface SettingsFormProps {
  settings: Settings;
  onChange: (more: Partial<Settings>) => void;
  isDisabled: boolean;
}

function SettingsForm({ settings, onChange, isDisabled }: SettingsFormProps) {
  const field = (label: string, name: NumberSetting, [min, max, step]: readonly [number, number, number | 'any']) => (
    <label>
      {label}
      <input
        type="number"
        {...{ min, max, step }}
        value={settings[name]}
        disabled={isDisabled}
        onChange={({ currentTarget: { valueAsNumber } }) => {
          const value = step === 'any' ? valueAsNumber : Math.round(valueAsNumber);
          if (Number.isFinite(value)) onChange({ [name]: Math.min(Math.max(value, min), max) });
        }}
      />
    </label>
  );
  return (
    <div class="controls">
      {field('Epochs', 'epochs', [1, 1000, 1])}
      {field('Batch size', 'batchSize', [1, 1024, 1])}
      {field('Learning rate', 'lr', [1e-6, 1, 'any'])}
      <label>
        Optimizer
        <select
          value={settings.optimizer}
          disabled={isDisabled}
          onChange={({ currentTarget }) => onChange({ optimizer: currentTarget.value as OptimizerName })}
        >
          <option value="adamw">AdamW</option>
          <option value="sgd">SGD, momentum 0.9</option>
        </select>
      </label>
      {field('Seed', 'seed', [0, 2 ** 31 - 1, 1])}
    </div>
  );
}

interface ButtonsProps {
  phase: TrainingState['phase'];
  settings: Settings;
  actions: TrainingActions;
}

function Buttons({ phase, settings, actions }: ButtonsProps) {
  const isIdle = phase === 'ready' || phase === 'paused' || phase === 'finished';
  return (
    <div class="controls">
      {phase === 'training' ? (
        <button type="button" class="primary" onClick={actions.pause}>
          Pause
        </button>
      ) : (
        <button type="button" class="primary" disabled={!isIdle} onClick={() => actions.train(settings)}>
          {phase === 'paused' ? 'Resume' : 'Train'}
        </button>
      )}
      <button type="button" disabled={!isIdle} onClick={actions.reset}>
        Begin anew
      </button>
      <button
        type="button"
        disabled={!isIdle}
        onClick={async () => {
          const bytes = await actions.weights();
          if (bytes) saveFile('weights.safetensors', new Uint8Array(bytes), 'application/octet-stream');
        }}
      >
        Save weights
      </button>
    </div>
  );
}

interface LookProps extends Pick<TrainingState, 'image' | 'answer'> {
  data: DataFacts;
  actions: TrainingActions;
}

/** A picture, what the network says of it, and what its first layers see. */
function Look({ data, image, answer, actions }: LookProps) {
  if (!image) return null;
  const rows = answer
    ? data.classes.map((label, index) => ({
        ...{ label, value: answer.probabilities[index]! },
        text: percent(answer.probabilities[index]!),
      }))
    : [];
  const best = answer?.probabilities.indexOf(Math.max(...answer.probabilities));
  return (
    <section class="look" aria-label="Ask the network">
      <h2>Ask the network</h2>
      <div class="parts">
        <div>
          <ImagePad shape={data.shape} pixels={image.pixels} onDraw={actions.draw} />
          <div class="controls">
            <label>
              Test image
              <input
                type="number"
                min="0"
                max={data.testCount - 1}
                defaultValue="0"
                onChange={({ currentTarget }) => actions.chooseImage(currentTarget.valueAsNumber)}
              />
            </label>
            {data.shape[0] === 1 && (
              <button type="button" onClick={() => actions.draw(new Uint8Array(image.pixels.length))}>
                Clear, to draw
              </button>
            )}
          </div>
        </div>
        <div class="answer">
          {best !== undefined && (
            <p role="status">
              Prediction: <strong>{data.classes[best]}</strong>
              {image.label !== undefined && `; it is ${data.classes[image.label]}`}
            </p>
          )}
          <Bars rows={rows} />
        </div>
      </div>
      {answer?.features.map(({ layer, maps }) => (
        <MapGrid key={layer} label={`What ${layer} makes of it`} maps={maps} />
      ))}
    </section>
  );
}

function Files({ actions, phase }: { actions: TrainingActions; phase: TrainingState['phase'] }) {
  if (phase === 'training') return null;
  return (
    <section aria-label="Files">
      <h2>Files</h2>
      <div class="drops">
        <FileDrop
          accept=".gz,.bin,.idx,.ubyte,*/*"
          label="Data: MNIST's files (images and labels, gzipped or not), or CIFAR-10's data_batch_*.bin"
          onFiles={actions.openFiles}
        />
        <FileDrop accept=".safetensors" label="Weights of this network (safetensors)" onFiles={actions.openWeights} />
      </div>
    </section>
  );
}

function statusLine({ phase, tests, losses, imagesPerSecond, gpuBytes, longestBlock }: TrainingState): string {
  const last = tests.at(-1);
  const parts = [
    {
      opening: 'Reading …',
      ready: 'Ready',
      training: 'Training',
      paused: 'Paused',
      finished: 'Finished',
      lost: 'Stopped',
    }[phase],
    losses.length ? `step ${losses.at(-1)![0]}, loss ${losses.at(-1)![1].toFixed(3)}` : '',
    last ? `epoch ${last.epoch}: test accuracy ${percent(last.testAccuracy)}` : '',
    imagesPerSecond ? `${imagesPerSecond.toFixed(0)} images/s` : '',
    gpuBytes ? `GPU ${(gpuBytes / 2 ** 20).toFixed(2)} MiB` : '',
    longestBlock ? `longest block of this page ${longestBlock.toFixed(0)} ms` : '',
  ];
  return parts.filter(Boolean).join(' · ');
}

function percent(fraction: number): string {
  return `${(100 * fraction).toFixed(1)} %`;
}
