// Undo and redo for the editor, each step what was typed without a pause.
import { type ChangeSet, type Extension, StateEffect, StateField, type Transaction } from '@codemirror/state';
import { type EditorView, keymap } from '@codemirror/view';

interface Step {
  /** Takes the step back. */
  readonly inverse: ChangeSet;
  readonly time: number;
}

interface History {
  readonly done: readonly Step[];
  readonly undone: readonly Step[];
}

const PAUSE = 600;
const MOST_STEPS = 500;
const direction = StateEffect.define<'undo' | 'redo'>();

const history = StateField.define<History>({
  create: () => ({ done: [], undone: [] }),
  update: (value, transaction) => (transaction.docChanged ? after(value, transaction) : value),
});

/** Mod-z, Mod-y and Mod-Shift-z. */
export function undo(): Extension {
  const back = (view: EditorView) => move(view, 'undo');
  const again = (view: EditorView) => move(view, 'redo');
  return [
    history,
    keymap.of([
      { key: 'Mod-z', run: back, preventDefault: true },
      { key: 'Mod-y', run: again, preventDefault: true },
      { key: 'Mod-Shift-z', run: again, preventDefault: true },
    ]),
  ];
}

function after({ done, undone }: History, transaction: Transaction): History {
  const step = { inverse: transaction.changes.invert(transaction.startState.doc), time: Date.now() };
  const moved = transaction.effects.find((effect) => effect.is(direction))?.value;
  if (moved === 'undo') return { done: done.slice(0, -1), undone: [...undone, step] };
  if (moved === 'redo') return { done: [...done, step], undone: undone.slice(0, -1) };
  const last = done.at(-1);
  if (last && step.time - last.time < PAUSE && !undone.length) {
    return { done: [...done.slice(0, -1), { ...step, inverse: step.inverse.compose(last.inverse) }], undone: [] };
  }
  return { done: [...done, step].slice(-MOST_STEPS), undone: [] };
}

function move(view: EditorView, where: 'undo' | 'redo'): boolean {
  const { done, undone } = view.state.field(history);
  const step = (where === 'undo' ? done : undone).at(-1);
  if (!step) return false;
  view.dispatch({ changes: step.inverse, effects: direction.of(where), scrollIntoView: true });
  return true;
}
