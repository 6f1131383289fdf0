// What stands around every page: the way to the others, and the page that the address names.
import type { ComponentType } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { AdapterLine } from './adapterLine.tsx';
import { ErrorNotice } from './errorNotice.tsx';
import { PAGES, type PageEntry, type PageProps } from './pages.ts';

interface Shown {
  readonly entry: PageEntry;
  readonly query: URLSearchParams;
  /** Another for each visit: a page is made anew when its address is entered. */
  readonly visit: number;
}

export function Frame() {
  const [shown, setShown] = useState<Shown>(() => ({ ...addressed(), visit: 0 }));
  const main = useRef<HTMLElement>(null);
  useEffect(() => {
    const follow = () => {
      setShown(({ visit }) => ({ ...addressed(), visit: visit + 1 }));
      main.current?.focus(); // a screen reader begins where the new page does
    };
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  useEffect(() => {
    document.title = `${shown.entry.title} · wgrad laboratory`;
  }, [shown.entry]);

  return (
    <>
      <button type="button" class="skip" onClick={() => main.current?.focus()}>
        Skip to the page
      </button>
      <header>
        <span class="brand">wgrad laboratory</span>
        <nav aria-label="Pages">
          {PAGES.map(({ route, title }) => (
            <a key={route} href={`#/${route}`} aria-current={route === shown.entry.route ? 'page' : undefined}>
              {title}
            </a>
          ))}
        </nav>
        <AdapterLine />
      </header>
      <main id="content" ref={main} tabIndex={-1}>
        <Loaded key={shown.visit} {...shown} />
      </main>
    </>
  );
}

/** The page itself, once its code is here. */
function Loaded({ entry, query }: Shown) {
  const [state, setState] = useState<{ Page?: ComponentType<PageProps>; error?: Error }>({});
  useEffect(() => {
    entry.load().then(
      (page) => setState({ Page: page.default }),
      (error) => setState({ error }),
    );
  }, [entry]);
  const { Page, error } = state;
  if (error) return <ErrorNotice error={error} onRetry={() => location.reload()} />;
  return Page ? <Page query={query} /> : <p role="status">Loading {entry.title} …</p>;
}

/** What the address names; the first page where it names none. */
function addressed(): Omit<Shown, 'visit'> {
  const [route, query = ''] = location.hash.replace(/^#\/?/, '').split('?');
  return { entry: PAGES.find((page) => page.route === route) ?? PAGES[0]!, query: new URLSearchParams(query) };
}
