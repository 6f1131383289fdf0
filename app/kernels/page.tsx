// The Kernels page: read, change, check and time the WGSL of every operation.
import { useEffect, useMemo, useState } from 'preact/hooks';
import { ErrorNotice } from '../shell/errorNotice.tsx';
import { NoWebGPU } from '../shell/noWebGPU.tsx';
import { CheckPanel } from './checkPanel.tsx';
import { CodeEditor } from './codeEditor.tsx';
import { referenceFiles } from './referenceFiles.ts';
import type { Choice, KernelFacts } from './session.ts';
import { TimePanel } from './timePanel.tsx';
import { type Kernels, useKernels } from './useKernels.ts';
import './page.css';

export default function Page({ query }: { query: URLSearchParams }) {
  return navigator.gpu ? <Laboratory query={query} /> : <NoWebGPU />;
}

function Laboratory({ query }: { query: URLSearchParams }) {
  const lab = useKernels(query);
  const { bench, adapter, operations, state, kernels, error, restart } = lab;
  const { operation, variant, edits } = state;
  const facts = operations.find(({ name }) => name === operation);
  // edits of another operation's kernels wait until it is chosen again
  const own = useMemo(() => {
    const labels = new Set(kernels?.kernels.map(({ label }) => label));
    return Object.fromEntries(Object.entries(edits).filter(([label]) => labels.has(label)));
  }, [edits, kernels]);
  const choice: Choice = { operation, variant, edits: own };
  return (
    <div class="kernels">
      <h1>Kernels</h1>
      {error && <ErrorNotice error={error} onRetry={restart} />}
      {!facts && !error && <p role="status">Asking the adapter …</p>}
      {facts && adapter && (
        <>
          <Chooser lab={lab} />
          {kernels && (
            <>
              <Sources lab={lab} />
              <CheckPanel bench={bench} choice={choice} cases={kernels.cases} onRestart={restart} />
              <TimePanel
                key={operation}
                {...{ bench, adapter, facts, choice }}
                problems={kernels.problems}
                onRestart={restart}
              />
            </>
          )}
        </>
      )}
    </div>
  );
}

function Chooser({ lab: { operations, state, kernels, change } }: { lab: Kernels }) {
  const { operation, variant, shader, edits } = state;
  const { variants } = operations.find(({ name }) => name === operation)!;
  const idea = variants.find(({ name }) => name === variant)?.idea;
  const names = operations.map(({ name }) => name).sort();
  return (
    <>
      <div class="controls">
        <label>
          Operation
          <select
            value={operation}
            onChange={(event) =>
              change({ operation: event.currentTarget.value, variant: undefined, shader: undefined, edits: {} })
            }
          >
            {names.map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
        {variants.length > 0 && (
          <label>
            Variant
            <select
              value={variant ?? ''}
              onChange={(event) => change({ variant: event.currentTarget.value || undefined, shader: undefined })}
            >
              <option value="">the room chooses</option>
              {variants.map(({ name, isSupported }) => (
                <option key={name} value={name} disabled={!isSupported}>
                  {isSupported ? name : `${name} (not on this adapter)`}
                </option>
              ))}
            </select>
          </label>
        )}
        {kernels && (
          <label>
            Shader
            <select value={shader} onChange={(event) => change({ shader: event.currentTarget.value })}>
              {kernels.kernels.map(({ label, cases }) => (
                <option key={label} value={label}>
                  {`${label in edits ? '✎ ' : ''}${label} (${cases} of ${kernels.cases} cases)`}
                </option>
              ))}
            </select>
          </label>
        )}
      </div>
      {idea && <p class="hint">{idea}</p>}
    </>
  );
}

/** The kernel, to edit, and the reference beside it. */
function Sources({ lab: { state, kernels, messages, isShareable, change } }: { lab: Kernels }) {
  const { operation, shader, edits } = state;
  const files = useMemo(() => referenceFiles(operation), [operation]);
  const [path, setPath] = useState<string>();
  const kernel = kernels!.kernels.find(({ label }) => label === shader);
  if (!kernel) return <p role="status">No case of this operation runs a shader here.</p>;
  const file = files.find((each) => each.path === path) ?? files[0];
  const { label, code } = kernel;
  const edit = (text: string) => {
    const { [label]: _, ...others } = edits;
    change({ edits: text === code ? others : { ...others, [label]: text } });
  };
  return (
    <div class="sources">
      <section class="source" aria-labelledby="kernel-title">
        <KernelBar kernel={kernel} isEdited={label in edits} isShareable={isShareable} onRevert={() => edit(code)} />
        <CodeEditor
          key={label}
          label={`WGSL of ${label}`}
          language="wgsl"
          text={edits[label] ?? code}
          onChange={edit}
          messages={messages}
        />
        <ul class="messages" aria-label="Messages of the compiler" aria-live="polite">
          {messages.map(({ type, line, column, text }) => (
            <li key={`${line}:${column} ${text}`} class={type}>
              {line > 0 && <strong>{`line ${line}:${column} `}</strong>}
              {text}
            </li>
          ))}
        </ul>
      </section>
      {file && (
        <section class="source" aria-labelledby="reference-title">
          <div class="bar">
            <h2 id="reference-title">Reference in float64</h2>
            {files.length > 1 ? (
              <select
                aria-label="File of the reference"
                value={file.path}
                onChange={(event) => setPath(event.currentTarget.value)}
              >
                {files.map((each) => (
                  <option key={each.path} value={each.path}>
                    {each.path}
                  </option>
                ))}
              </select>
            ) : (
              <code>{file.path}</code>
            )}
          </div>
          <CodeEditor key={file.path} label={`Source of ${file.path}`} language="typescript" text={file.text} />
        </section>
      )}
    </div>
  );
}

interface KernelBarProps {
  kernel: KernelFacts;
  isEdited: boolean;
  isShareable: boolean;
  onRevert: () => void;
}

function KernelBar({ kernel: { label }, isEdited, isShareable, onRevert }: KernelBarProps) {
  const [copied, setCopied] = useState('');
  useEffect(() => setCopied(''), [label, isEdited]);
  const copy = () => {
    navigator.clipboard.writeText(location.href).then(
      () => setCopied('copied'),
      () => setCopied('copy it from the address bar'),
    );
  };
  return (
    <div class="bar">
      <h2 id="kernel-title">Kernel</h2>
      <code>{label}</code>
      {isEdited && <span class="edited">edited</span>}
      <span class="actions">
        {isEdited && (
          <button type="button" onClick={onRevert}>
            Revert
          </button>
        )}
        <button type="button" onClick={copy}>
          Copy link
        </button>
        <span role="status">{isShareable ? copied : 'too long for a link: the edit is not in it'}</span>
      </span>
    </div>
  );
}
