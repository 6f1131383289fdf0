// What a page of Markdown shows as code, found as a reader's program finds it: fenced blocks with the section they stand
// in, and the last column of a table of programs.
import MarkdownIt from 'markdown-it';

export interface CodeBlock {
  /** `js`, `ts`, `text`, `wgsl`; '' for commands of a shell. */
  readonly language: string;
  readonly code: string;
  /** Of its first line of code, counted from 0. */
  readonly line: number;
  /** The heading above it, '' before the first one of the second level. */
  readonly section: string;
  /** From `<!-- not run: reason -->` above it. */
  readonly notRun?: string;
}

const NOT_RUN = /^<!-- not run: (.+) -->\s*$/;

/**
 * The blocks of a page in their order. A table whose last column is called `wgrad` counts as a `ts` block of the code in
 * that column, one statement after the other, each on its row's line.
 */
export function codeBlocks(markdown: string): CodeBlock[] {
  const tokens = new MarkdownIt({ html: true }).parse(markdown, {});
  const blocks: CodeBlock[] = [];
  let section = '';
  for (const [i, token] of tokens.entries()) {
    if (token.type === 'heading_open' && token.tag === 'h2') section = tokens[i + 1].content;
    if (token.type === 'fence') {
      const [, notRun] = (tokens[i - 1]?.type === 'html_block' && NOT_RUN.exec(tokens[i - 1].content)) || [];
      const block = { language: token.info, code: token.content, line: token.map![0] + 1, section };
      blocks.push(notRun ? { ...block, notRun } : block);
    }
    if (token.type === 'table_open') {
      const end = tokens.findIndex(({ type }, at) => at > i && type === 'table_close');
      const table = tableProgram(tokens.slice(i, end));
      if (table) blocks.push({ language: 'ts', ...table, section });
    }
  }
  return blocks;
}

type Token = ReturnType<InstanceType<typeof MarkdownIt>['parse']>[number];

function tableProgram(tokens: readonly Token[]): { code: string; line: number } | undefined {
  const headings = tokens.filter((_, i) => tokens[i - 1]?.type === 'th_open');
  if (headings.at(-1)?.content !== 'wgrad') return;
  const cells = tokens.filter((_, i) => tokens[i - 1]?.type === 'td_open');
  const last = cells.filter((_, i) => i % headings.length === headings.length - 1);
  const statements = last.map(({ children }) =>
    children!
      .filter(({ type }) => type === 'code_inline')
      .map(({ content }) => content)
      .join(' '),
  );
  return { code: `${statements.join('\n')}\n`, line: tokens[0].map![0] + 2 };
}
