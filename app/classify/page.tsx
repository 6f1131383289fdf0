// The Classify page: a checkpoint and a picture in, classes out, and where in the picture they come from.
import { formatProbability } from '../../training/report/sample.ts';
import { LayerTable } from '../models/layerTable.tsx';
import { Bars } from '../shell/bars.tsx';
import { ErrorNotice } from '../shell/errorNotice.tsx';
import { FileDrop } from '../shell/fileDrop.tsx';
import { NoWebGPU } from '../shell/noWebGPU.tsx';
import { Explanation } from './explanation.tsx';
import { PreprocessingForm } from './preprocessingForm.tsx';
import type { CheckpointReport } from './session.ts';
import { useClassifier } from './useClassifier.ts';
import './page.css';

export default function Page() {
  return navigator.gpu ? <Classify /> : <NoWebGPU />;
}

function Classify() {
  const [state, actions] = useClassifier();
  const { checkpoint, picture, preprocessing, prediction, busy, error } = state;
  const table = prediction?.table ?? checkpoint?.table;
  return (
    <div class="classify">
      <h1>Classify</h1>
      <p class="lead">
        Drop a trained network and a picture. Nothing leaves this page: both are read and computed here, in your
        browser.
      </p>
      <div class="drops">
        <FileDrop
          accept=".pth,.pt,.th,.tar,.bin,.safetensors,.txt"
          label="Checkpoint (PyTorch or safetensors)"
          onFiles={actions.open}
        />
        <FileDrop accept="image/*" label="Picture (PNG, JPEG, …)" onFiles={actions.open} />
      </div>
      <p class="status" role="status">
        {busy && `${busy} …`}
      </p>
      {error && <ErrorNotice error={error} />}
      {checkpoint && <CheckpointLine checkpoint={checkpoint} />}
      {checkpoint && preprocessing && (
        <PreprocessingForm
          preprocessing={preprocessing}
          source={preprocessing === checkpoint.suggested.preprocessing ? checkpoint.suggested.source : 'your own'}
          onChange={actions.setPreprocessing}
        />
      )}
      {checkpoint && !picture && <p>Now drop a picture.</p>}
      {picture && !checkpoint && (
        <p>
          {picture.name}: {picture.width} × {picture.height} pixels. Now drop a checkpoint.
        </p>
      )}
      {prediction && picture && (
        <div class="results">
          <section class="top" aria-label={`Most probable classes of ${picture.name}`}>
            <h2>
              {prediction.top[0]!.name} <small>{picture.name}</small>
            </h2>
            <Bars
              rows={prediction.top.map(({ name, index, probability }) => ({
                // ImageNet has two cranes and two maillots
                label: prediction.top.some((other) => other.name === name && other.index !== index)
                  ? `${name} (class ${index})`
                  : name,
                value: probability,
                text: formatProbability(probability),
              }))}
            />
          </section>
          <Explanation state={state} actions={actions} />
        </div>
      )}
      {checkpoint && table && (
        <LayerTable {...table} caption={`${checkpoint.model} for an image of ${table.inputShape.join(' × ')}`} />
      )}
    </div>
  );
}

function CheckpointLine({ checkpoint }: { checkpoint: CheckpointReport }) {
  const { file, model, paper, published, classNames, table, adapter } = checkpoint;
  return (
    <p class="checkpoint">
      <strong>{model}</strong> from {file}
      {published && published !== file ? ` (the published ${published})` : ''}: {classNames.length} classes,{' '}
      {table.totals.parameters.toLocaleString('en-US')} parameters. {paper}. Runs on {adapter}.
    </p>
  );
}
