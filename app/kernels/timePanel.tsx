// Times kernels over problems and compares variants: table, chart, roofline, and all of it as JSON.
import { proxy } from 'comlink';
import { useRef, useState } from 'preact/hooks';
import type { Roof } from '../../engine/profile/index.ts';
import { DataTable } from '../shell/dataTable.tsx';
import { ErrorNotice } from '../shell/errorNotice.tsx';
import { LineChart } from '../shell/lineChart.tsx';
import { saveFile } from '../shell/saveFile.ts';
import type { AdapterFacts, Choice, OperationFacts } from './session.ts';
import { parseProblems, problemName, problemsText, type TimedProblem } from './timedProblems.ts';
import type { PhaseTime, ProblemTimes } from './timeProblem.ts';
import type { Workbench } from './workbench.ts';

interface TimePanelProps {
  bench: Workbench;
  adapter: AdapterFacts;
  facts: OperationFacts;
  choice: Choice;
  /** What to time unless told otherwise. */
  problems: readonly TimedProblem[];
  onRestart: () => void;
}

interface Measured {
  /** `tile`, `edited`. */
  readonly series: string;
  readonly problem: TimedProblem;
  /** Counted from 1. */
  readonly number: number;
  readonly times: ProblemTimes;
}

type Phase = PhaseTime['phase'];

/** Milliseconds: seconds on a GPU, more in software, and nothing is reported meanwhile. */
const ROOF_PATIENCE = 60_000;

const COLUMNS = [
  { title: '#', isNumber: true },
  { title: 'Problem' },
  { title: 'Kernel' },
  { title: 'Pass' },
  { title: 'ms', isNumber: true },
  { title: 'GFLOP/s', isNumber: true },
  { title: 'GB/s', isNumber: true },
  { title: 'Dispatches', isNumber: true },
];

export function TimePanel({ bench, adapter, facts, choice, problems, onRestart }: TimePanelProps) {
  const [text, setText] = useState(() => problemsText(problems));
  const [phase, setPhase] = useState<Phase>('forward');
  const [measured, setMeasured] = useState<readonly Measured[]>([]);
  const [status, setStatus] = useState<string>();
  const [error, setError] = useState<Error>();
  const [roof, setRoof] = useState<Roof>();
  const [roofline, setRoofline] = useState<string>();
  const run = useRef(0);
  const guarded = async (work: (isCurrent: () => boolean) => Promise<void>) => {
    const turn = ++run.current;
    const isCurrent = () => turn === run.current;
    setError(undefined);
    try {
      await work(isCurrent);
    } catch (reason) {
      if (isCurrent()) setError(reason as Error);
    } finally {
      if (isCurrent()) setStatus(undefined);
    }
  };

  const time = (series: readonly { name: string; choice: Choice }[]) =>
    guarded(async (isCurrent) => {
      const parsed = parseProblems(text);
      const found: Measured[] = [];
      setMeasured([]);
      setRoofline(undefined);
      for (const { name, choice: chosen } of series) {
        if (!isCurrent()) return;
        await bench.run('the timing', (session, alive) =>
          session.time(
            chosen,
            parsed,
            proxy((index: number, times?: ProblemTimes) => {
              alive();
              if (!isCurrent()) return;
              setStatus(`${name}: problem ${index + 1} of ${parsed.length} …`);
              if (!times) return;
              found.push({ series: name, problem: parsed[index]!, number: index + 1, times });
              setMeasured([...found]);
            }),
          ),
        );
      }
    });

  const drawRoofline = () =>
    guarded(async (isCurrent) => {
      setStatus('measuring the roof …');
      const best = await bench.run('the measurement of the roof', (session) => session.roof(), ROOF_PATIENCE);
      if (!isCurrent()) return;
      setRoof(best);
      setStatus('drawing …');
      const points = measured.flatMap(({ series, number, times }) => {
        const own = times.phases.filter(({ flop }) => flop > 0);
        return own.map((each) => ({ ...each, name: `${series} ${number}`, share: 0.05 }));
      });
      const title = `${choice.operation} under the roof`;
      const svg = await bench.run('the drawing', (session) =>
        session.roofline(points, { ...best, title, adapter: adapter.name }),
      );
      if (isCurrent()) setRoofline(svg);
    });

  const saveJson = () => {
    const rows = measured.map(({ series, problem, times }) => ({ kernel: series, ...problem, ...times }));
    const { operation, variant = null, edits } = choice;
    const report = {
      adapter: adapter.name,
      date: new Date().toISOString(),
      operation,
      variant,
      edits,
      roof,
      timings: rows,
    };
    saveFile(`${operation}.json`, JSON.stringify(report, undefined, 2), 'application/json');
  };

  const isEdited = Object.keys(choice.edits).length > 0;
  const plain = { ...choice, edits: {} };
  const own = choice.variant ?? (facts.variants.length ? 'room’s choice' : 'original');
  const variants = facts.variants.filter(({ isSupported }) => isSupported);
  const rivals = [
    ...(variants.length ? variants : [{ name: undefined }]).map(({ name }) => ({
      name: name ?? 'original',
      choice: { ...plain, variant: name },
    })),
    ...(isEdited ? [{ name: `edited (${own})`, choice }] : []),
  ];
  const isBusy = status !== undefined;
  const unit = measured.some(({ times }) => times.phases.some(({ flop }) => flop > 0)) ? 'GFLOP/s' : 'GB/s';
  return (
    <section class="time" aria-labelledby="time-title">
      <h2 id="time-title">Time</h2>
      <p class="hint">
        {adapter.hasTimestamps
          ? 'By the GPU’s timestamps at both ends of each dispatch. Browsers round them, most to 0.1 ms: take problems that last longer.'
          : 'By the wall clock, each dispatch alone, less the time to wait for nothing: this adapter has no timestamp queries.'}{' '}
        Mean of the middle half of 4 to 60 runs.
        {adapter.isSoftware && ' This adapter is software: its figures say nothing of a GPU.'}
      </p>
      <label class="problems">
        Problems, one a line: shapes by input, and options
        <textarea
          rows={Math.min(Math.max(text.split('\n').length, 3), 8)}
          spellcheck={false}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </label>
      <div class="controls">
        <button
          type="button"
          class="primary"
          disabled={isBusy}
          onClick={() => time([{ name: isEdited ? `edited (${own})` : own, choice }])}
        >
          {isEdited ? 'Time the edited kernel' : 'Time'}
        </button>
        {rivals.length > 1 && (
          <button type="button" disabled={isBusy} onClick={() => time(rivals)}>
            {isEdited && !variants.length ? 'Compare with the original' : `Compare ${rivals.length} variants`}
          </button>
        )}
        <button type="button" disabled={isBusy || !measured.length} onClick={drawRoofline}>
          Roofline
        </button>
        <button type="button" disabled={isBusy || !measured.length} onClick={saveJson}>
          Save JSON
        </button>
        <label>
          Pass in the chart
          <select value={phase} onChange={(event) => setPhase(event.currentTarget.value as Phase)}>
            <option value="forward">forward</option>
            <option value="backward">backward</option>
          </select>
        </label>
        <p class="summary" role="status">
          {status ?? (measured.length ? `${measured.length} timed, by ${clockName(measured[0]!)}` : '')}
        </p>
      </div>
      {error && <ErrorNotice error={error} onRetry={onRestart} />}
      {measured.length > 0 && (
        <>
          <LineChart series={seriesOf(measured, phase, unit)} xLabel="problem" yLabel={`${unit}, ${phase}`} />
          <DataTable caption={`Times on ${adapter.name}`} columns={COLUMNS} rows={measured.flatMap(rows)} />
        </>
      )}
      {roofline && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reached by keyboard
        <section class="roofline" tabIndex={0} aria-label="Roofline">
          {/* of our own making; vega escapes its texts */}
          <div dangerouslySetInnerHTML={{ __html: roofline }} />
        </section>
      )}
    </section>
  );
}

function seriesOf(measured: readonly Measured[], phase: Phase, unit: string) {
  return [...new Set(measured.map(({ series }) => series))].map((label) => ({
    label,
    points: measured
      .filter(({ series }) => series === label)
      .flatMap(({ number, times }) => {
        const own = times.phases.find((each) => each.phase === phase);
        const work = unit === 'GB/s' ? own?.bytes : own?.flop;
        return own && work && own.milliseconds > 0 ? [[number, work / own.milliseconds / 1e6] as const] : [];
      }),
  }));
}

function rows({ series, problem, number, times }: Measured) {
  const isOther = series.startsWith('edited') && !times.runsEdit;
  const kernel = isOther ? <span class="bad">{series}: this problem runs other shaders</span> : series;
  return times.phases.map(({ phase, milliseconds, flop, bytes, dispatches }) => {
    const rate = (work: number) => (milliseconds > 0 && work > 0 ? (work / milliseconds / 1e6).toPrecision(3) : '–');
    const name = problemName(problem);
    return [number, name, kernel, phase, milliseconds.toPrecision(3), rate(flop), rate(bytes), dispatches];
  });
}

function clockName({ times: { clock, runs } }: Measured): string {
  return `${clock === 'timestamps' ? 'timestamps' : 'the wall clock'}, ${runs} runs`;
}
