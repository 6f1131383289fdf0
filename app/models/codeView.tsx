// A source file with one line marked, which is scrolled to.
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { ShownCode } from './session.ts';

export function CodeView({ code: { file, text, line } }: { code: ShownCode }) {
  const view = useRef<HTMLElement>(null);
  useLayoutEffect(() => {
    const marked = view.current!.querySelector<HTMLElement>('mark')!;
    view.current!.scrollTop = marked.offsetTop - view.current!.clientHeight / 3;
  }, [file, line]);
  const lines = text.trimEnd().split('\n');
  return (
    <figure class="code">
      <figcaption>
        models/{file}, line {line}
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reached by keyboard */}
      <section ref={view} tabIndex={0} aria-label={`Source of models/${file}`}>
        <pre>
          {lines.map((content, i) => {
            const row = `${String(i + 1).padStart(4)}  ${content}\n`;
            return i + 1 === line ? <mark key={i}>{row}</mark> : <span key={i}>{row}</span>;
          })}
        </pre>
      </section>
    </figure>
  );
}
