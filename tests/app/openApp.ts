// The laboratory in a real Chromium: built once for a process, served to this machine; whatever the page reports as an
// error fails the test that closes it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { buildApp } from '../../tools/buildApp.ts';
import { launchChromium } from '../browser/chromium.ts';
import { serveFolder } from '../browser/serveFolder.ts';

export interface OpenAppOptions {
  /** `/kernels?operation=relu`. Default: the first page. */
  route?: string;
  /** Default 1280 x 800. */
  viewport?: { width: number; height: number };
  /** Default light. */
  colorScheme?: 'light' | 'dark';
  /** Errors on the console that the test provokes, as part of their text. Default: none. */
  expected?: readonly string[];
}

export interface OpenedApp {
  readonly page: Page;
  /** @throws Error with the errors that the page threw or wrote to its console */
  close(): Promise<void>;
}

/** A browser of its own with the app open. */
export async function openApp({
  route = '',
  viewport = { width: 1280, height: 800 },
  colorScheme = 'light',
  expected = [],
}: OpenAppOptions = {}): Promise<OpenedApp> {
  const server = await serveFolder(await builtApp());
  const browser = await launchChromium();
  try {
    // the packaged Chromium takes the locale of a bare system for a language, which Intl refuses
    const page = await browser.newPage({ viewport, colorScheme, locale: 'en-US' });
    const errors: string[] = [];
    const note = (text: string) => {
      if (!expected.some((part) => text.includes(part))) errors.push(text);
    };
    page.on('console', (message) => message.type() === 'error' && note(message.text()));
    page.on('pageerror', (error) => note(error.stack ?? error.message));
    page.setDefaultTimeout(60_000); // software adapters on busy machines
    await page.goto(`http://localhost:${server.port}/index.html${route && `#${route}`}`);
    return {
      page,
      close: async () => {
        await browser.close();
        server.close();
        if (errors.length) throw new Error(`the page reported errors:\n${errors.join('\n')}`);
      },
    };
  } catch (error) {
    await browser.close();
    server.close();
    throw error;
  }
}

let built: Promise<string> | undefined;

function builtApp(): Promise<string> {
  built ??= (async () => {
    const folder = mkdtempSync(join(tmpdir(), 'wgrad-app-'));
    process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
    await buildApp({ out: folder, minify: false });
    return folder;
  })();
  return built;
}
