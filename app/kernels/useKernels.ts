// The page's state: what is chosen and edited, in step with the address, and what the worker knows of it.
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { ShaderMessage } from './compileMessages.ts';
import { type KernelState, queryOf, stateFrom } from './kernelQuery.ts';
import type { AdapterFacts, OperationFacts, OperationKernels } from './session.ts';
import { Workbench } from './workbench.ts';

export interface Kernels {
  readonly bench: Workbench;
  readonly adapter: AdapterFacts | undefined;
  readonly operations: readonly OperationFacts[];
  readonly state: KernelState & { readonly operation: string };
  /** Of the chosen operation and variant; undefined until the worker has answered. */
  readonly kernels: OperationKernels | undefined;
  readonly messages: readonly ShaderMessage[];
  /** False where the edited texts are too long for the address. */
  readonly isShareable: boolean;
  readonly error: Error | undefined;
  change(next: Partial<KernelState>): void;
  /** Asks the worker again. */
  restart(): void;
}

const FIRST = 'relu';
/** Milliseconds after the last key. */
const PAUSE = 400;
const NO_MESSAGES: readonly ShaderMessage[] = [];

export function useKernels(query: URLSearchParams): Kernels {
  const bench = useMemo(() => new Workbench(), []);
  const [state, setState] = useState<KernelState>({
    operation: query.get('operation') ?? undefined,
    variant: query.get('variant') ?? undefined,
    shader: query.get('shader') ?? undefined,
    edits: {},
  });
  const [isRead, setRead] = useState(false);
  const [attempt, setAttempt] = useState(0);
  const [adapter, setAdapter] = useState<AdapterFacts>();
  const [operations, setOperations] = useState<readonly OperationFacts[]>([]);
  const [answered, setKernels] = useState<OperationKernels>();
  const [messages, setMessages] = useState(NO_MESSAGES);
  const [isShareable, setShareable] = useState(true);
  const [error, setError] = useState<Error>();

  useEffect(() => {
    stateFrom(query)
      .then(setState, setError)
      .finally(() => setRead(true));
    return () => bench.end(new Error('the page was left'));
  }, []);

  useEffect(() => {
    let isLate = false;
    bench
      .run('the start', async (session) => [await session.adapter(), await session.operations()] as const)
      .then(
        ([facts, all]) => {
          if (isLate) return;
          setAdapter(facts);
          setOperations(all);
        },
        (reason) => isLate || setError(reason),
      );
    return () => {
      isLate = true;
    };
  }, [attempt]);

  // an address may name what there is not
  const facts =
    operations.find(({ name }) => name === state.operation) ?? operations.find(({ name }) => name === FIRST);
  const operation = facts?.name ?? state.operation ?? FIRST;
  const isVariant = !facts || facts.variants.some(({ name }) => name === state.variant);
  const variant = isVariant ? state.variant : undefined;

  useEffect(() => {
    if (!facts) return;
    let isLate = false;
    bench
      .run('the list of kernels', (session) => session.kernels({ operation, variant }))
      .then(
        (answer) => isLate || setKernels(answer),
        (reason) => isLate || setError(reason),
      );
    return () => {
      isLate = true;
    };
  }, [facts, operation, variant]);

  const kernels = answered?.operation === operation ? answered : undefined;
  const listed = kernels?.kernels;
  const shader = listed?.some(({ label }) => label === state.shader) ? state.shader : listed?.[0]?.label;
  const edited = shader === undefined ? undefined : state.edits[shader];

  useEffect(() => {
    setMessages(NO_MESSAGES);
    if (edited === undefined || shader === undefined) return;
    let isLate = false;
    const timer = setTimeout(() => {
      bench
        .run('the compiler', (session) => session.compile({ operation, variant }, shader, edited))
        .then(
          (answer) => isLate || setMessages(answer),
          (reason) => isLate || setError(reason),
        );
    }, PAUSE);
    return () => {
      isLate = true;
      clearTimeout(timer);
    };
  }, [operation, variant, shader, edited]);

  const latest = useRef(0);
  useEffect(() => {
    if (!isRead || !listed) return; // the address is not read yet
    const turn = ++latest.current;
    queryOf({ operation, variant, shader, edits: state.edits }).then(({ query: text, isWhole }) => {
      if (turn !== latest.current) return;
      history.replaceState(null, '', `#/kernels?${text}`);
      setShareable(isWhole);
    });
  }, [isRead, listed, operation, variant, shader, state.edits]);

  return {
    ...{ bench, adapter, operations, kernels, messages, isShareable, error },
    state: { operation, variant, shader, edits: state.edits },
    change: (next) => setState((before) => ({ ...before, ...next })),
    restart: () => {
      setError(undefined);
      bench.end(new Error('started again'));
      setAttempt((count) => count + 1);
    },
  };
}
