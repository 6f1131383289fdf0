// `npm run app`: builds the laboratory and serves it to this machine.
//   tsx tools/serveApp.ts [--port N] [--out FOLDER] [--build-only]
import { resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { preview } from 'vite';
import { buildApp } from './buildApp.ts';

const { port, out, buildOnly } = new Command('app')
  .description('Builds the laboratory into a static folder and serves it on http://localhost.')
  .option('--port <n>', 'where to listen; 0 for any free port', portNumber, 4173)
  .option('--out <folder>', 'the static folder, which any server can hold', 'dist-app')
  .option('--build-only', 'builds and ends')
  .parse()
  .opts<{ port: number; out: string; buildOnly?: boolean }>();

const folder = resolve(out);
await buildApp({ out: folder });
console.log(`built ${out}`);
if (!buildOnly) {
  const server = await preview({
    ...{ configFile: false, root: folder, appType: 'mpa', logLevel: 'warn' },
    build: { outDir: folder },
    preview: { host: 'localhost', port, strictPort: port !== 0 },
  });
  server.printUrls();
}

function portNumber(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new InvalidArgumentError('a port is a number from 0 to 65535');
  return port;
}
