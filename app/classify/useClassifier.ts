// The state of the Classify page and what its user can do: one thing after the other, in the worker.
import { proxy } from 'comlink';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { Preprocessing } from '../../datasets/images/preprocessing.ts';
import { connectWorker } from '../shell/connectWorker.ts';
import type { HeatMap } from './classActivationMap.ts';
import { parseClassNames } from './parseClassNames.ts';
import type { CheckpointReport, OcclusionProgress, Prediction, Session } from './session.ts';

export interface ClassifierState {
  readonly checkpoint?: CheckpointReport | undefined;
  readonly picture?: { name: string; width: number; height: number } | undefined;
  readonly names?: readonly string[] | undefined;
  readonly preprocessing?: Preprocessing | undefined;
  readonly prediction?: Prediction | undefined;
  /** The class that is explained. */
  readonly classIndex?: number | undefined;
  readonly map?: HeatMap | undefined;
  /** Of the occlusion that runs. */
  readonly progress?: { readonly done: number; readonly total: number } | undefined;
  /** What is being done: `Reading resnet20.th`. */
  readonly busy?: string | undefined;
  readonly error?: Error | undefined;
}

export interface ClassifierActions {
  /** Checkpoints, pictures and lists of class names (.txt), told apart by their names. */
  open(files: readonly File[]): void;
  setPreprocessing(preprocessing: Preprocessing): void;
  explain(classIndex: number): void;
  occlude(grid: number): void;
  stop(): void;
}

type Connection = ReturnType<typeof connectWorker<Session>>;

export function useClassifier(): [ClassifierState, ClassifierActions] {
  const [state, setState] = useState<ClassifierState>({});
  const latest = useRef<ClassifierState>({});
  const connection = useRef<Connection | undefined>(undefined);
  const queue = useRef<Promise<void>>(Promise.resolve());

  const update = useCallback((change: Partial<ClassifierState>) => {
    latest.current = { ...latest.current, ...change };
    setState(latest.current);
  }, []);

  const connect = useCallback((): Connection => {
    if (connection.current) return connection.current;
    const connected = connectWorker<Session>('classify');
    connection.current = connected;
    connected.crashed.then((error) => {
      if (connection.current !== connected) return;
      connected.terminate();
      connection.current = undefined;
      update({ ...NOTHING, error });
    });
    return connected;
  }, [update]);

  useEffect(() => () => connection.current?.terminate(), []);

  /** Everything waits for what was asked before it, so that no answer overtakes another. */
  const enqueue = useCallback(
    (busy: string, work: (api: Connection['api']) => Promise<void>) => {
      queue.current = queue.current.then(async () => {
        update({ busy, error: undefined });
        const { api, crashed } = connect();
        try {
          await Promise.race([work(api), crashed.then((error) => Promise.reject(error))]);
        } catch (error) {
          update({ error: error instanceof Error ? error : new Error(String(error)) });
        }
        update({ busy: undefined, progress: undefined });
      });
    },
    [connect, update],
  );

  const classify = useCallback(
    async (api: Connection['api']) => {
      const { checkpoint, picture, names, preprocessing } = latest.current;
      if (!checkpoint || !picture || !names || !preprocessing) return;
      update({ busy: `Classifying ${picture.name}`, prediction: undefined, classIndex: undefined, map: undefined });
      const prediction = await api.classify({ preprocessing, names });
      const classIndex = prediction.top[0]!.index;
      const map = checkpoint.explanation === 'activation' ? await api.activationMap(classIndex) : undefined;
      update({ prediction, classIndex, map });
    },
    [update],
  );

  const open = useCallback(
    (files: readonly File[]) => {
      void connection.current?.api.stop();
      for (const file of [...files].sort((a, b) => orderOf(a) - orderOf(b))) {
        enqueue(`Reading ${file.name}`, async (api) => {
          if (isPicture(file)) update({ picture: await api.openPicture(file) });
          else if (isText(file)) update({ names: await parseClassNames(file, latest.current.checkpoint) });
          else {
            const checkpoint = await api.openCheckpoint(file);
            const { classNames: names, suggested } = checkpoint;
            update({ checkpoint, names, preprocessing: suggested.preprocessing });
          }
          await classify(api);
        });
      }
    },
    [classify, enqueue, update],
  );

  const setPreprocessing = useCallback(
    (preprocessing: Preprocessing) => {
      update({ preprocessing });
      enqueue('Classifying', classify);
    },
    [classify, enqueue, update],
  );

  const explain = useCallback(
    (classIndex: number) => {
      update({ classIndex, map: undefined });
      if (latest.current.checkpoint?.explanation !== 'activation') return;
      enqueue('Mapping', async (api) => update({ map: await api.activationMap(classIndex) }));
    },
    [enqueue, update],
  );

  const occlude = useCallback(
    (grid: number) => {
      enqueue('Covering patches', async (api) => {
        const { classIndex } = latest.current;
        if (classIndex === undefined) return;
        const onProgress = proxy(({ done, total, map }: OcclusionProgress) =>
          update({ progress: { done, total }, map }),
        );
        await api.occlusionMap(classIndex, grid, onProgress);
      });
    },
    [enqueue, update],
  );

  const stop = useCallback(() => void connection.current?.api.stop(), []);
  return [state, { open, setPreprocessing, explain, occlude, stop }];
}

const NOTHING: ClassifierState = {
  ...{ checkpoint: undefined, picture: undefined, names: undefined, preprocessing: undefined, prediction: undefined },
  ...{ classIndex: undefined, map: undefined, progress: undefined, busy: undefined },
};

/** A checkpoint before its classes' names, and both before the picture. */
function orderOf(file: File): number {
  return isPicture(file) ? 2 : isText(file) ? 1 : 0;
}

function isPicture({ name, type }: File): boolean {
  return type.startsWith('image/') || /\.(png|jpe?g|webp|gif|bmp|avif)$/i.test(name);
}

function isText({ name }: File): boolean {
  return /\.txt$/i.test(name);
}
