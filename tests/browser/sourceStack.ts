// Puts a browser's stack lines into the terms of the sources, as Node with tsx prints them.
import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Translates places such as `http://127.0.0.1:4000/bundle/x.js:3:14`, whose scripts and maps lie below `folder`. */
export class SourceStack {
  readonly #folder: string;
  readonly #maps = new Map<string, SourceMap>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  translate(text: string): string {
    return text.replace(
      /http:\/\/127\.0\.0\.1:\d+\/(bundle\/[^\s?#):]+\.js):(\d+):(\d+)/g,
      (place, script: string, line: string, column: string) => {
        const origin = this.#mapOf(script).findOrigin(Number(line), Number(column));
        if (!('fileName' in origin)) return place;
        const source = resolve(this.#folder, dirname(script), origin.fileName);
        return `${pathToFileURL(source)}:${origin.lineNumber}:${origin.columnNumber}`;
      },
    );
  }

  #mapOf(script: string): SourceMap {
    let map = this.#maps.get(script);
    if (!map) {
      map = new SourceMap(JSON.parse(readFileSync(join(this.#folder, `${script}.map`), 'utf8')));
      this.#maps.set(script, map);
    }
    return map;
  }
}
