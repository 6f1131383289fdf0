// CodeMirror as a component: WGSL to edit, with the compiler's messages at their lines, or TypeScript to read.
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { bracketMatching, indentUnit } from '@codemirror/language';
import { type Diagnostic, lintGutter, setDiagnostics } from '@codemirror/lint';
import { EditorState } from '@codemirror/state';
import { drawSelection, EditorView, keymap, lineNumbers } from '@codemirror/view';
import { useEffect, useRef } from 'preact/hooks';
import type { ShaderMessage } from './compileMessages.ts';
import { colours, typescript, wgsl } from './language.ts';

interface CodeEditorProps {
  label: string;
  /** Given another one, the editor takes it over. */
  text: string;
  language: 'wgsl' | 'typescript';
  /** Default: the text can only be read. */
  onChange?: ((text: string) => void) | undefined;
  messages?: readonly ShaderMessage[] | undefined;
}

const NONE: readonly ShaderMessage[] = [];

export function CodeEditor({ label, text, language, onChange, messages = NONE }: CodeEditorProps) {
  const box = useRef<HTMLDivElement>(null);
  const editor = useRef<EditorView | undefined>(undefined);
  const changed = useRef(onChange);
  changed.current = onChange;
  const isReadOnly = !onChange;

  useEffect(() => {
    const view = new EditorView({
      parent: box.current!,
      state: EditorState.create({
        doc: text,
        extensions: [
          lineNumbers(),
          drawSelection(),
          bracketMatching(),
          indentUnit.of('  '),
          language === 'wgsl' ? wgsl : typescript,
          colours,
          ...(isReadOnly
            ? [EditorState.readOnly.of(true)]
            : // Tab stays the way out of the editor
              [history(), keymap.of([...defaultKeymap, ...historyKeymap]), lintGutter()]),
          EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0' }),
          EditorView.updateListener.of(({ docChanged, state }) => {
            if (docChanged) changed.current?.(state.doc.toString());
          }),
        ],
      }),
    });
    editor.current = view;
    return () => view.destroy();
  }, [label, language, isReadOnly]);

  useEffect(() => {
    const view = editor.current!;
    if (view.state.doc.toString() === text) return;
    view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
  }, [text, label]);

  useEffect(() => {
    const { state } = editor.current!;
    editor.current!.dispatch(
      setDiagnostics(
        state,
        messages.map((message) => diagnostic(state, message)),
      ),
    );
  }, [messages]);

  return <div class="code-editor" ref={box} />;
}

function diagnostic({ doc }: EditorState, { type, line, column, length, text }: ShaderMessage): Diagnostic {
  const at = doc.line(Math.min(Math.max(line, 1), doc.lines));
  const from = Math.min(at.from + Math.max(column - 1, 0), at.to);
  return { from, to: Math.min(from + length, doc.length), severity: type, message: text };
}
