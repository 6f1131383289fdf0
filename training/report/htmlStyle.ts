// The look of an HTML report: light and dark, wide and narrow.

export const htmlStyle = `
:root {
  --page: #f4f5f7; --card: #ffffff; --ink: #22272e; --faint: #5c6570; --line: #dfe2e7; --accent: #0072b2;
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", "Helvetica Neue", Arial, sans-serif;
}
@media (prefers-color-scheme: dark) {
  :root { --page: #14171b; --card: #1e2329; --ink: #e3e6ea; --faint: #9aa4b0; --line: #343b44; --accent: #56b4e9; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); }
main { max-width: 1120px; margin: 0 auto; padding: 24px 16px 48px; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 16px; overflow-wrap: anywhere; }
h2 { font-size: 1.05rem; margin: 0 0 12px; overflow-wrap: anywhere; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 16px; margin: 16px 0; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(140px, 1fr)); gap: 12px; margin: 0; }
.facts div { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 12px 16px; }
dt { color: var(--faint); font-size: .8rem; }
dd { margin: 0; font-size: 1.25rem; font-weight: 600; overflow-wrap: anywhere; }
figure { margin: 0; }
figcaption { color: var(--faint); font-size: .9rem; margin-top: 8px; }
.wide, .picture { overflow-x: auto; }
/* charts are drawn for white paper */
.picture { background: #ffffff; border-radius: 4px; text-align: center; }
.picture img { display: block; margin: 0 auto; max-width: 100%; height: auto; }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: 4px 16px 4px 0; border-bottom: 1px solid var(--line); }
th { color: var(--faint); font-weight: 500; white-space: nowrap; }
td { overflow-wrap: anywhere; min-width: 8em; }
th.number, td.number { text-align: right; white-space: nowrap; min-width: 0; }
summary { cursor: pointer; color: var(--accent); }
pre { font: .8rem/1.45 ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; margin: 12px 0 0; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
@media (max-width: 700px) {
  main { padding: 16px 12px 32px; }
  section { padding: 12px; }
  .facts { grid-template-columns: 1fr 1fr; gap: 8px; }
  .facts div { padding: 8px 12px; }
  /* a chart shrunk to a phone cannot be read: it is moved with the finger instead */
  .picture img { max-width: 680px; }
  th, td { padding-right: 10px; }
}
`;
