// The state of the Train page and what its user can do: the network lives in the worker, the page holds what it tells.
import { proxy } from 'comlink';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { type Connection, connectWorker } from '../shell/connectWorker.ts';
import type { KeptRun } from './keptRun.ts';
import type { Maps } from './maps.ts';
import type { Answer, DataFacts, Session, Settings, TestReport, TrainReport } from './session.ts';

export interface TrainingState {
  readonly data?: DataFacts | undefined;
  /** `training`: the worker computes. `lost`: it is gone, and `restart` makes another. */
  readonly phase: 'opening' | 'ready' | 'training' | 'paused' | 'finished' | 'lost';
  /** Mean of each report's steps. */
  readonly losses: readonly (readonly [step: number, loss: number])[];
  readonly tests: readonly TestReport[];
  readonly imagesPerSecond: number;
  readonly gpuBytes: number;
  readonly filters?: Maps | undefined;
  readonly kept?: Omit<KeptRun, 'weights'> | undefined;
  readonly image?: { readonly pixels: Uint8Array; readonly label?: number | undefined } | undefined;
  readonly answer?: Answer | undefined;
  /** Of the page's thread, milliseconds, while training. */
  readonly longestBlock: number;
  readonly error?: Error | undefined;
}

export interface TrainingActions {
  useDigits(count: number): void;
  openFiles(files: readonly File[]): void;
  train(settings: Settings): void;
  pause(): void;
  reset(): void;
  resumeKept(): void;
  openWeights(files: readonly File[]): void;
  weights(): Promise<Uint8Array | undefined>;
  chooseImage(index: number): void;
  draw(pixels: Uint8Array): void;
  restart(): void;
  /** What a driver's reset does: for those who want to see the page survive it. */
  loseDevice(): void;
}

/** Points of the loss curve that are kept; beyond, every second goes. */
const MOST_POINTS = 2000;
const START: TrainingState = {
  phase: 'opening',
  losses: [],
  tests: [],
  imagesPerSecond: 0,
  gpuBytes: 0,
  longestBlock: 0,
};

export function useTraining(digits: number): [TrainingState, TrainingActions] {
  const [state, setState] = useState<TrainingState>(START);
  const connection = useRef<Connection<Session> | undefined>(undefined);
  const latest = useRef(state);
  /** Opens the data that is shown, for another worker too. */
  const source = useRef<(api: Connection<Session>['api']) => Promise<DataFacts>>((api) => api.useDigits(digits));
  const change = useCallback((more: Partial<TrainingState>) => {
    latest.current = { ...latest.current, ...more };
    setState(latest.current);
  }, []);

  const lose = useCallback(
    (error: Error) => {
      connection.current?.terminate();
      connection.current = undefined;
      change({ phase: 'lost', error });
    },
    [change],
  );

  /** Asks the worker; what fails is shown, and a worker without a device is given up. */
  const ask = useCallback(
    async <Result>(question: (api: Connection<Session>['api']) => Promise<Result>): Promise<Result | undefined> => {
      const asked = connection.current;
      if (!asked) return undefined;
      try {
        return await question(asked.api);
      } catch (error) {
        if (asked !== connection.current) return undefined;
        if ((error as Error).name === 'DeviceLostError') lose(error as Error);
        else change({ error: error as Error, ...(latest.current.phase === 'training' && { phase: 'paused' }) });
        return undefined;
      }
    },
    [change, lose],
  );

  const show = useCallback(
    async (pixels: Uint8Array, label?: number) => {
      // an old answer beside a new picture would be a wrong one; strokes follow each other too fast to blank it
      change({ image: { pixels, label }, ...(label !== undefined && { answer: undefined }) });
      const answer = await ask((api) => api.predict(pixels));
      if (answer && latest.current.image?.pixels === pixels) change({ answer });
    },
    [ask, change],
  );

  const begin = useCallback(
    async (open: (api: Connection<Session>['api']) => Promise<DataFacts>) => {
      const { data: before, phase } = latest.current;
      change({ phase: 'opening', error: undefined });
      const data = await ask(open);
      if (!data) {
        if (latest.current.phase === 'opening') change({ phase: before ? phase : 'opening' });
        return;
      }
      source.current = open;
      const kept = await ask((api) => api.kept());
      change({
        ...START,
        data,
        kept: kept?.data === data.name ? kept : undefined,
        phase: 'ready',
        filters: await ask((api) => api.filters()),
      });
      const image = await ask((api) => api.testImage(0));
      if (image) await show(image.pixels, image.label);
    },
    [ask, change, show],
  );

  const connect = useCallback(() => {
    const connected = connectWorker<Session>('train');
    connection.current = connected;
    connected.crashed.then((error) => connected === connection.current && lose(error));
  }, [lose]);

  useEffect(() => {
    connect();
    begin((api) => api.useDigits(digits));
    return () => connection.current?.terminate();
  }, [connect, begin, digits]);

  useEffect(() => {
    const observer = new PerformanceObserver((list) => {
      if (latest.current.phase !== 'training') return;
      const longest = Math.max(...list.getEntries().map(({ duration }) => duration));
      if (longest > latest.current.longestBlock) change({ longestBlock: longest });
    });
    observer.observe({ type: 'longtask' });
    return () => observer.disconnect();
  }, [change]);

  const actions: TrainingActions = {
    useDigits: (count) => void begin((api) => api.useDigits(count)),
    openFiles: (files) => void begin((api) => api.openFiles([...files])),
    train: async (settings) => {
      change({ phase: 'training', error: undefined });
      const onReport = proxy((report: TrainReport) => change(withReport(latest.current, report)));
      const phase = await ask((api) => api.train(settings, onReport));
      if (phase) change({ phase });
      const { image } = latest.current;
      if (phase && image) await show(image.pixels, image.label);
    },
    pause: () => void ask((api) => api.pause()),
    reset: async () => {
      const { data, image } = latest.current;
      await ask((api) => api.reset());
      change({ ...START, data, image, phase: 'ready', filters: await ask((api) => api.filters()) });
    },
    resumeKept: async () => {
      const epoch = await ask((api) => api.resumeKept());
      if (epoch === undefined) return;
      change({ phase: 'paused', kept: undefined, error: undefined, filters: await ask((api) => api.filters()) });
      const { image } = latest.current;
      if (image) await show(image.pixels, image.label);
    },
    openWeights: async ([file]) => {
      if (!file) return;
      change({ error: undefined });
      await ask((api) => api.openWeights(file));
      change({ filters: await ask((api) => api.filters()) });
      const { image } = latest.current;
      if (image) await show(image.pixels, image.label);
    },
    weights: () => ask((api) => api.weights()),
    chooseImage: async (index) => {
      const image = await ask((api) => api.testImage(index));
      if (image) await show(image.pixels, image.label);
    },
    draw: (pixels) => void show(pixels),
    loseDevice: () => void ask((api) => api.loseDevice()),
    restart: async () => {
      const { losses, tests } = latest.current;
      connect();
      await begin(source.current);
      if (!latest.current.kept) return;
      const epoch = await ask((api) => api.resumeKept());
      if (epoch !== undefined) change({ phase: 'paused', losses, tests, kept: undefined });
    },
  };
  return [state, actions];
}

function withReport(
  state: TrainingState,
  { losses, imagesPerSecond, gpuBytes, test, filters }: TrainReport,
): Partial<TrainingState> {
  const last = losses.at(-1);
  const mean = losses.reduce((sum, [, loss]) => sum + loss, 0) / losses.length;
  const points = last ? [...state.losses, [last[0], mean] as const] : state.losses;
  return {
    losses: points.length > MOST_POINTS ? points.filter((_, i) => i % 2 === 1) : points,
    gpuBytes,
    ...(imagesPerSecond && { imagesPerSecond }),
    ...(test && { tests: [...state.tests, test] }),
    ...(filters && { filters }),
  };
}
