// A static file server for browser tests: one folder, this machine only, any free port.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize, sep } from 'node:path';

export interface FileServer {
  readonly port: number;
  close(): void;
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.wasm': 'application/wasm',
  '.safetensors': 'application/octet-stream',
};

/** Serves pages, styles, scripts, their source maps, JSON, WebAssembly and weights below `folder`; everything else is a 404. */
export async function serveFolder(folder: string): Promise<FileServer> {
  const server = createServer(async ({ url = '/' }, response) => {
    try {
      const path = normalize(join(folder, decodeURIComponent(new URL(url, 'http://host').pathname)));
      const type = types[extname(path)];
      if (!type || !path.startsWith(folder + sep)) throw new Error('not served');
      const bytes = await readFile(path);
      response.writeHead(200, { 'content-type': type }).end(bytes);
    } catch {
      response.writeHead(404, { 'content-type': 'text/plain' }).end(`${url} is not here`);
    }
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}
