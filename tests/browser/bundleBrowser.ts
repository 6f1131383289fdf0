// Chromium with bundles of the repository's sources to load: one server, one browser, a fresh page for each use.
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { bundleForBrowser, root } from './bundleForBrowser.ts';
import { launchChromium } from './chromium.ts';
import { type FileServer, serveFolder } from './serveFolder.ts';
import { SourceStack } from './sourceStack.ts';

const html = '<!doctype html><title>wgrad</title><link rel="icon" href="data:," />';

export class BundleBrowser {
  /** Puts the browser's stacks into terms of the sources. */
  readonly stack: SourceStack;
  readonly #server: FileServer;
  readonly #removeFolder: () => void;
  #browser: Browser | null = null;

  private constructor(folder: string, server: FileServer) {
    this.#server = server;
    this.stack = new SourceStack(folder);
    this.#removeFolder = () => rmSync(folder, { recursive: true });
    process.on('exit', this.#removeFolder); // Ctrl-C comes this way
  }

  /**
   * Bundles `entries`, paths of sources from the repository's root.
   * @throws Error with the place of what cannot be bundled
   */
  static async open(entries: readonly string[]): Promise<BundleBrowser> {
    const folder = mkdtempSync(join(tmpdir(), 'wgrad-bundles-'));
    try {
      await bundleForBrowser(entries, folder);
      // fixtures are read from where the repository has them
      symlinkSync(join(root, 'tests'), join(folder, 'tests'));
      writeFileSync(join(folder, 'index.html'), html);
      return new BundleBrowser(folder, await serveFolder(folder));
    } catch (error) {
      rmSync(folder, { recursive: true });
      throw error;
    }
  }

  /** An empty page in a context of its own, on a secure origin. */
  async newPage(): Promise<Page> {
    this.#browser ??= await launchChromium();
    const page = await (await this.#browser.newContext()).newPage();
    await page.goto(`http://127.0.0.1:${this.#server.port}/index.html`);
    return page;
  }

  /** Ends the browser with whatever hangs in it; the next page starts another. */
  async endBrowser(): Promise<void> {
    await this.#browser?.close();
    this.#browser = null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.endBrowser();
    this.#server.close();
    process.off('exit', this.#removeFolder);
    this.#removeFolder();
  }
}

/** The address of an entry's bundle, to import in a page. */
export function bundleOf(entry: string): string {
  return `/bundle/${entry.replace(/\.ts$/, '.js')}`;
}
