// The figure of the chosen model and the code of the chosen layer, asked of the worker; late answers are dropped.
import { useEffect, useRef, useState } from 'preact/hooks';
import { connectWorker } from '../shell/connectWorker.ts';
import { choiceFrom } from './modelQuery.ts';
import type { ModelChoice, ModelFacts, ModelFigure, Session, ShownCode } from './session.ts';

type Connection = ReturnType<typeof connectWorker<Session>>;

export interface ChosenLayer {
  /** Dotted; '' is the model itself. */
  readonly name: string;
  /** Its code is what the module does, not what makes it. */
  readonly isForward: boolean;
}

interface FigureState {
  /** Empty until the worker has answered. */
  readonly models: readonly ModelFacts[];
  readonly choice: ModelChoice | undefined;
  readonly figure: ModelFigure | undefined;
  readonly code: ShownCode | undefined;
  readonly error: Error | undefined;
}

/** @param query what the page's URL asks for: see `choiceFrom` */
export function useFigure(query: URLSearchParams, layer: ChosenLayer | undefined): FigureState {
  const connection = useRef<Connection | undefined>(undefined);
  const [models, setModels] = useState<readonly ModelFacts[]>([]);
  const [figure, setFigure] = useState<ModelFigure>();
  const [shown, setShown] = useState<{ wanted: string; code: ShownCode | undefined }>();
  const [error, setError] = useState<Error>();

  useEffect(() => {
    const connected = connectWorker<Session>('models');
    connection.current = connected;
    connected.crashed.then(setError);
    connected.api.list().then(setModels, setError);
    return () => connected.terminate();
  }, []);

  const choice = choiceFrom(query, models);
  const chosen = choice && JSON.stringify(choice);
  useEffect(() => {
    if (!chosen) return;
    let isLate = false;
    connection.current!.api.figure(JSON.parse(chosen) as ModelChoice).then(
      (answer) => {
        if (isLate) return;
        setFigure(answer);
        setError(undefined);
      },
      (reason) => isLate || setError(reason),
    );
    return () => {
      isLate = true;
    };
  }, [chosen]);

  const wanted = chosen && layer && JSON.stringify([choice, layer]);
  useEffect(() => {
    if (!wanted) return;
    let isLate = false;
    const [ofChoice, ofLayer] = JSON.parse(wanted) as [ModelChoice, ChosenLayer];
    connection.current!.api.code(ofChoice, ofLayer).then(
      (code) => isLate || setShown({ wanted, code }),
      (reason) => isLate || setError(reason),
    );
    return () => {
      isLate = true;
    };
  }, [wanted]);

  // no code but the chosen layer's
  return { models, choice, figure, code: shown?.wanted === wanted ? shown?.code : undefined, error };
}
