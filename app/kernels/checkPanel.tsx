// Holds the kernels against the reference, case by case.
import { proxy } from 'comlink';
import { useRef, useState } from 'preact/hooks';
import type { Comparison } from '../../lab/compare.ts';
import { DataTable } from '../shell/dataTable.tsx';
import { ErrorNotice } from '../shell/errorNotice.tsx';
import type { CaseResult } from './checkOne.ts';
import type { Choice } from './session.ts';
import type { Workbench } from './workbench.ts';

interface CheckPanelProps {
  bench: Workbench;
  choice: Choice;
  /** Of the room. */
  cases: number;
  onRestart: () => void;
}

interface Progress {
  /** What was checked: results of another text are no results. */
  readonly key: string;
  readonly results: readonly CaseResult[];
  /** The case under way. */
  readonly running: string | undefined;
  readonly error?: Error;
}

const COLUMNS = [
  { title: 'Case' },
  { title: 'Result' },
  { title: 'Largest error', isNumber: true },
  { title: 'Allowed', isNumber: true },
  { title: 'First mismatch' },
];

export function CheckPanel({ bench, choice, cases, onRestart }: CheckPanelProps) {
  const [progress, setProgress] = useState<Progress>();
  const run = useRef(0);
  const key = JSON.stringify(choice);

  const check = async () => {
    const turn = ++run.current;
    const results: CaseResult[] = [];
    const show = (more: Omit<Progress, 'results' | 'key'>) => {
      if (turn === run.current) setProgress({ key, results: [...results], ...more });
    };
    show({ running: 'the device' });
    try {
      await bench.run('the check', (session, alive) =>
        session.check(
          choice,
          proxy((name: string, result?: CaseResult) => {
            alive();
            if (result) results.push(result);
            show({ running: name });
          }),
        ),
      );
      show({ running: undefined });
    } catch (error) {
      show({ running: undefined, error: error as Error });
    }
  };

  const shown = progress?.key === key ? progress : undefined;
  const { results = [], running, error } = shown ?? {};
  const hasEdits = Object.keys(choice.edits).length > 0;
  return (
    <section class="check" aria-labelledby="check-title">
      <h2 id="check-title">Check</h2>
      <p class="hint">
        Every output and gradient of the room's {cases} cases against the float64 reference
        {hasEdits && ', with the edited text; loops that do not end are stopped'}.
      </p>
      <div class="controls">
        <button type="button" class="primary" onClick={check} disabled={running !== undefined}>
          {hasEdits ? 'Check the edited kernel' : 'Check'}
        </button>
        <p class="summary" role="status">
          {running !== undefined
            ? `${results.length} of ${cases}: ${running} …`
            : shown && !error && summary(results, hasEdits)}
        </p>
      </div>
      {error && <ErrorNotice error={error} onRetry={onRestart} />}
      {results.length > 0 && (
        <DataTable
          caption="Cases of the room"
          columns={COLUMNS}
          rows={results.map((result) => row(result, hasEdits))}
        />
      )}
    </section>
  );
}

function summary(results: readonly CaseResult[], hasEdits: boolean): string {
  const failed = results.filter(isFailed).length;
  const skipped = results.filter((result) => result.skipped).length;
  const passed = results.length - failed - skipped;
  const ran = results.filter(({ runsEdit }) => runsEdit).length;
  return [
    failed ? `${failed} failed, ${passed} passed` : `all ${passed} passed`,
    ...(skipped ? [`${skipped} skipped`] : []),
    ...(hasEdits ? [`${ran} ran the edited text`] : []),
  ].join('; ');
}

function isFailed({ error, tensors }: CaseResult): boolean {
  return Boolean(error) || tensors.some(({ mismatch }) => mismatch);
}

function row(result: CaseResult, hasEdits: boolean) {
  const { name, tensors, error, skipped, runsEdit } = result;
  const named = runsEdit || !hasEdits ? name : <span class="muted">{name}</span>;
  if (skipped) return [named, 'skipped', '', '', skipped];
  const failed = tensors.find(({ mismatch }) => mismatch);
  const worst = failed ?? [...tensors].sort((a, b) => b.maxError / b.allowed - a.maxError / a.allowed)[0];
  const verdict = isFailed(result) ? <strong class="bad">fails</strong> : <span class="good">passes</span>;
  const first = error ? <pre class="message">{error.message}</pre> : failed && mismatchText(failed);
  return [named, verdict, worst ? errorText(worst.maxError) : '', worst ? worst.allowed.toExponential(1) : '', first];
}

function errorText(error: number): string {
  if (error === 0) return '0';
  return Number.isFinite(error) ? error.toExponential(1) : 'not a number';
}

/** `y[0, 2, 1] (element 7) is 3, expected 4` */
function mismatchText({ what, shape, mismatch }: Comparison): string {
  const { index, actual, expected } = mismatch!;
  const place: number[] = [];
  let rest = index;
  for (const extent of [...shape].reverse()) {
    place.unshift(rest % extent);
    rest = Math.floor(rest / extent);
  }
  const name = what.split(' ').at(-1);
  return `${name}[${place.join(', ')}] (element ${index}) is ${short(actual)}, expected ${short(expected)}`;
}

function short(value: number): string {
  return String(Number(value.toPrecision(7)));
}
