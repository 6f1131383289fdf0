// Runs suites in headless Chromium, one after the other, each in a page of its own.
import type { Page } from 'playwright-core';
import type { SuiteEnd } from '../suiteResult.ts';
import { BundleBrowser, bundleOf } from './bundleBrowser.ts';

export interface SuiteRun extends SuiteEnd {
  /** From the repository's root. */
  readonly path: string;
  readonly seconds: number;
}

export interface RunOptions {
  /** What suites find in `process.env`. Default: nothing. */
  readonly environment?: Readonly<Record<string, string>>;
  /** For each suite. Default 30. */
  readonly limitMinutes?: number;
}

const suitePage = 'tests/browser/suitePage.ts';

/**
 * Yields what each suite did as soon as it has ended; stacks name the sources.
 * @throws Error where a suite cannot be bundled or no browser starts
 */
export async function* runSuites(paths: readonly string[], options: RunOptions = {}): AsyncGenerator<SuiteRun> {
  await using browser = await BundleBrowser.open([suitePage, ...paths]);
  for (const path of paths) {
    const started = performance.now();
    const end = await runSuite(browser, path, options);
    yield { path, ...end, seconds: (performance.now() - started) / 1000 };
  }
}

async function runSuite(
  browser: BundleBrowser,
  path: string,
  { environment = {}, limitMinutes = 30 }: RunOptions,
): Promise<SuiteEnd> {
  const page = await browser.newPage();
  let output = '';
  const write = (text: string) => {
    output += text;
  };
  // what the browser itself complains of
  page.on('console', (message) => write(`${message.type()}: ${message.text()}\n`));
  let timer: NodeJS.Timeout | undefined;
  const code = await Promise.race([
    started(page, { path, environment, write }),
    new Promise<'late'>((resolve) => {
      timer = setTimeout(resolve, limitMinutes * 60_000, 'late');
    }),
  ]);
  clearTimeout(timer);
  // a page that hangs does not close
  if (code === 'late') await browser.endBrowser();
  else await page.context().close();
  return { output: browser.stack.translate(output), code: code === 'late' ? null : code, timedOut: code === 'late' };
}

/** The suite's exit code; null where its page crashed. */
function started(
  page: Page,
  suite: { path: string; environment: Readonly<Record<string, string>>; write: (text: string) => void },
): Promise<number | null> {
  return new Promise((resolve, reject) => {
    page.on('crash', () => resolve(null));
    const start = async () => {
      await page.exposeFunction('writeOutput', suite.write);
      await page.exposeFunction('endSuite', resolve);
      const given = { suiteBundle: bundleOf(suite.path), suiteEnvironment: suite.environment };
      await page.evaluate(`Object.assign(globalThis, ${JSON.stringify(given)}); import('${bundleOf(suitePage)}')`);
    };
    start().catch(reject);
  });
}
