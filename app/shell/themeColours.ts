// The style sheet's colours for what is drawn on a canvas.

export interface ThemeColours {
  readonly text: string;
  readonly grid: string;
  readonly series: readonly string[];
}

/** As they are now: light or dark. */
export function themeColours(element: Element): ThemeColours {
  const style = getComputedStyle(element);
  const of = (name: string) => style.getPropertyValue(name).trim();
  return {
    text: of('--muted'),
    grid: of('--border'),
    series: [of('--series-1'), of('--series-2'), of('--series-3'), of('--series-4')],
  };
}
