// Downloading against a server of our own: whole, continued, damaged, missing, stopped, and not at all.
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { download } from '../../datasets/node/download/download.ts';
import { FormatError, ShapeError } from '../../kernels/errors.ts';
import type { WeightsEntry } from '../../models/entry.ts';
import { type DownloadProgress, FetchError, fetchWeights } from '../../models/node/index.ts';

const test = suite('fetchWeights');

const BYTES = Uint8Array.from({ length: 300_000 }, (_, i) => (i * i) >> 7);
const CUT = 100_000;
const FILE = 'net=1.pth';
const weights: WeightsEntry = {
  file: FILE,
  sha256: createHash('sha256').update(BYTES).digest('hex').slice(0, 8),
  classes: 'mnist',
  preprocessing: { mean: [0], std: [1] },
};

type Answer = (request: IncomingMessage, response: ServerResponse) => void;
interface Seen {
  url: string | undefined;
  range: string | undefined;
  ifRange: string | undefined;
}

let server: Server;
let baseUrl: string;
let folder: string;
let answers: Answer[];
let seen: Seen[];

test.before(async () => {
  delete process.env.WGRAD_WEIGHTS_URL;
  server = createServer((request, response) => {
    const { url, headers } = request;
    seen.push({ url, range: headers.range, ifRange: headers['if-range'] as string | undefined });
    const answer = answers.length > 1 ? answers.shift()! : answers[0];
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/weights`;
});
test.after(() => {
  server.closeAllConnections();
  server.close();
});
test.before.each(() => {
  folder = mkdtempSync(join(tmpdir(), 'wgrad-fetch-'));
  answers = [serve(BYTES)];
  seen = [];
});
test.after.each(() => rmSync(folder, { recursive: true }));

/** As static file servers do: ranges, and If-Range by ETag. */
function serve(bytes: Uint8Array, { etag = '"1"', cutAt = bytes.length, hasRanges = true } = {}): Answer {
  return ({ headers }, response) => {
    const first = hasRanges && /^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1];
    const isSame = headers['if-range'] === undefined || headers['if-range'] === etag;
    const start = first && isSame ? Number(first) : 0;
    response.setHeader('etag', etag);
    if (start && start >= bytes.length) {
      response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end();
      return;
    }
    response.setHeader('content-length', bytes.length - start);
    if (start) response.setHeader('content-range', `bytes ${start}-${bytes.length - 1}/${bytes.length}`);
    response.writeHead(start ? 206 : 200);
    if (cutAt === bytes.length) response.end(bytes.subarray(start));
    else response.write(bytes.subarray(start, cutAt), () => setTimeout(() => response.destroy(), 50));
  };
}

async function failure(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

/** Leaves the first CUT bytes behind. */
async function startDownload(): Promise<void> {
  answers = [serve(BYTES, { cutAt: CUT })];
  const error = await failure(fetchWeights(weights, { baseUrl, folder }));
  assert.instance(error, FetchError);
  assert.equal(readFileSync(join(folder, `${FILE}.part`)), Buffer.from(BYTES.subarray(0, CUT)));
  assert.not(existsSync(join(folder, FILE)));
  seen = [];
}

function assertFetched(path: string): void {
  assert.is(path, join(folder, FILE));
  assert.ok(readFileSync(path).equals(BYTES));
  assert.equal(readdirSync(folder), [FILE], 'nothing else is left');
}

test('a file is downloaded from the base URL, with progress, and appears when it is whole', async () => {
  const progress: DownloadProgress[] = [];
  const path = await fetchWeights(weights, {
    baseUrl: `${baseUrl}/`,
    folder,
    onProgress: (each) => {
      progress.push(each);
      assert.not(existsSync(join(folder, FILE)));
    },
  });
  assertFetched(path);
  assert.equal(seen, [{ url: '/weights/net%3D1.pth', range: undefined, ifRange: undefined }]);
  assert.equal(progress[0], { file: FILE, received: 0, total: BYTES.length });
  assert.equal(progress.at(-1), { file: FILE, received: BYTES.length, total: BYTES.length });
});

test('without a base URL it comes from its own address, redirects included', async () => {
  answers = [(_, response) => response.writeHead(302, { location: '/elsewhere' }).end(), serve(BYTES)];
  assertFetched(await fetchWeights({ ...weights, url: `${baseUrl}/own` }, { folder }));
  assert.equal(
    seen.map(({ url }) => url),
    ['/weights/own', '/elsewhere'],
  );
});

test('a file that is there and right needs no network', async () => {
  writeFileSync(join(folder, FILE), BYTES);
  assertFetched(await fetchWeights(weights, { baseUrl, folder }));
  assert.equal(seen, []);
});

test('a file that is there and wrong is replaced', async () => {
  writeFileSync(join(folder, FILE), 'something else');
  assertFetched(await fetchWeights(weights, { baseUrl, folder }));
});

test('after a cut connection the next call asks for the rest only', async () => {
  await startDownload();
  answers = [serve(BYTES)];
  const progress: DownloadProgress[] = [];
  assertFetched(await fetchWeights(weights, { baseUrl, folder, onProgress: (each) => progress.push(each) }));
  assert.equal(seen, [{ url: '/weights/net%3D1.pth', range: `bytes=${CUT}-`, ifRange: '"1"' }]);
  assert.equal(progress[0], { file: FILE, received: CUT, total: BYTES.length });
});

test('a server without ranges sends all again', async () => {
  await startDownload();
  answers = [serve(BYTES, { hasRanges: false })];
  assertFetched(await fetchWeights(weights, { baseUrl, folder }));
  assert.is(seen.length, 1);
});

test('a server with another version of the file sends all of it', async () => {
  await startDownload();
  writeFileSync(join(folder, `${FILE}.part`), new Uint8Array(CUT)); // the beginning of an older version
  answers = [serve(BYTES, { etag: '"2"' })];
  assertFetched(await fetchWeights(weights, { baseUrl, folder }));
  assert.is(seen.length, 1);
});

test('a beginning that turns out wrong is thrown away, and all downloaded again', async () => {
  writeFileSync(join(folder, `${FILE}.part`), new Uint8Array(CUT));
  assertFetched(await fetchWeights(weights, { baseUrl, folder }));
  assert.equal(
    seen.map(({ range }) => range),
    [`bytes=${CUT}-`, undefined],
  );
});

test('a part longer than the file is thrown away', async () => {
  writeFileSync(join(folder, `${FILE}.part`), new Uint8Array(BYTES.length + 1));
  assertFetched(await fetchWeights(weights, { baseUrl, folder }));
  assert.is(seen.length, 2);
});

test('a whole part is only renamed', async () => {
  writeFileSync(join(folder, `${FILE}.part`), BYTES);
  assertFetched(await fetchWeights(weights, { baseUrl, folder }));
  assert.equal(seen, []);
});

test('a file with another hash is refused and removed', async () => {
  answers = [serve(new TextEncoder().encode('<html>please log in</html>'))];
  const error = await failure(fetchWeights(weights, { baseUrl, folder }));
  assert.instance(error, FormatError);
  assert.match(error.message, `this is not ${FILE}: its SHA-256 is `);
  assert.match(error.message, `expected ${weights.sha256}…; its 26 bytes were removed`);
  assert.equal(readdirSync(folder), []);
});

test('an HTTP error says which file to put where', async () => {
  answers = [(_, response) => response.writeHead(404).end('not here')];
  const url = 'https://example.org/net.pth';
  const error = await failure(fetchWeights({ ...weights, url }, { baseUrl, folder }));
  assert.instance(error, FetchError);
  assert.match(error.message, `${baseUrl}/net%3D1.pth: the server answered 404 Not Found. Put ${FILE} `);
  assert.match(
    error.message,
    `begins with ${weights.sha256}, published at ${url}) into ${folder} or set WGRAD_WEIGHTS_URL`,
  );
  assert.equal(readdirSync(folder), []);
});

test('without a network the error says the same', async () => {
  const closed = createServer();
  await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
  const { port } = closed.address() as AddressInfo;
  await new Promise((resolve) => closed.close(resolve));
  const error = await failure(fetchWeights(weights, { baseUrl: `http://127.0.0.1:${port}`, folder }));
  assert.instance(error, FetchError);
  assert.match(error.message, /ECONNREFUSED.*\. Put net=1\.pth \(its SHA-256 begins with [0-9a-f]{8}\) into /);
  const nowhere = await failure(fetchWeights(weights, { folder }));
  assert.instance(nowhere, FetchError);
  assert.match(nowhere.message, /^no address is known for net=1\.pth\. Put net=1\.pth /);
});

test('a signal stops the download; what has come is kept for the next call', async () => {
  const controller = new AbortController();
  answers = [
    (_, response) => {
      response.writeHead(200, { 'content-length': BYTES.length, etag: '"1"' });
      response.write(BYTES.subarray(0, CUT));
    },
  ];
  const onProgress = ({ received }: DownloadProgress) => received === CUT && controller.abort();
  const error = await failure(fetchWeights(weights, { baseUrl, folder, onProgress, signal: controller.signal }));
  assert.is(error.name, 'AbortError');
  answers = [serve(BYTES)];
  assertFetched(await fetchWeights(weights, { baseUrl, folder }));
  assert.is(seen.at(-1)!.range, `bytes=${CUT}-`);
});

test('models and files that are not there are refused before anything is asked', async () => {
  const unknown = await failure(fetchWeights('lenet', { baseUrl, folder }));
  assert.instance(unknown, ShapeError);
  const none = await failure(fetchWeights('lenet5', { baseUrl, folder }));
  assert.instance(none, ShapeError);
  assert.match(none.message, 'lenet5 has no published weights');
  const other = await failure(fetchWeights('lenet5_c5', { baseUrl, folder, file: 'mnist.pth' }));
  assert.match(other.message, /lenet5_c5 has no weights 'mnist\.pth'; it has .*, mnist_cnn\.pt/);
  assert.equal(seen, []);
});

test('a server that sends without end, or says that it will, is refused', async () => {
  const path = join(folder, 'endless');
  for (const isSaid of [true, false]) {
    answers = [
      (_, response) => {
        if (isSaid) response.setHeader('content-length', 300_000);
        response.writeHead(200);
        response.write(BYTES.subarray(0, 60_000));
        response.end(BYTES.subarray(60_000));
      },
    ];
    await download(baseUrl, path, { maxBytes: 50_000 }).then(
      () => assert.unreachable('did not throw'),
      (error: Error) => {
        assert.instance(error, FetchError);
        assert.match(error.message, /bytes or more, at most 50000 are taken/);
      },
    );
    assert.ok(readFileSync(path).length <= 50_000);
    rmSync(path);
  }
});

test.run();
