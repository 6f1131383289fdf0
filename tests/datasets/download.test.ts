// Downloading data sets from a server of our own: mirrors, hashes, ranges, locks, and never half a file.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { withFileLock } from '../../datasets/node/download/fileLock.ts';
import {
  type DatasetFile,
  DatasetNotFoundError,
  datasetsFolder,
  FetchError,
  type FileProgress,
  fetchDataset,
  fetchFile,
  loadCifar10,
  loadEmnist,
  loadMnist,
  PUBLISHED_FILES,
} from '../../datasets/node/index.ts';
import { FormatError, ShapeError } from '../../kernels/errors.ts';
import { refusal } from './refusal.ts';
import { temporaryFolders } from './temporaryFolders.ts';

const test = suite('download');
const { make: folderWith, removeAll: remove } = temporaryFolders();

const BYTES = Uint8Array.from({ length: 200_000 }, (_, i) => (i * i) >> 5);
const CUT = 80_000;
const MD5 = createHash('md5').update(BYTES).digest('hex');

type Answer = (request: IncomingMessage, response: ServerResponse) => void;
interface Seen {
  url: string;
  range: string | undefined;
}

let server: Server;
let base: string;
let root: string;
/** By path; what is not here is answered with 404. */
let pages: Record<string, Answer>;
let seen: Seen[];

test.before(async () => {
  delete process.env.WGRAD_DATASETS_URL;
  server = createServer((request, response) => {
    seen.push({ url: request.url!, range: request.headers.range });
    const answer = pages[request.url!] ?? ((_, missing) => missing.writeHead(404).end());
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
test.after(() => {
  server.closeAllConnections();
  server.close();
  remove();
});
test.before.each(() => {
  root = folderWith({});
  pages = { '/a': serve(BYTES), '/b': serve(BYTES) };
  seen = [];
});

/** A static file server with ranges; ends the connection after `cutAt` bytes. */
function serve(bytes: Uint8Array, { cutAt = bytes.length, hasRanges = true, etag = '"1"' } = {}): Answer {
  return ({ headers }, response) => {
    const isSame = headers['if-range'] === undefined || headers['if-range'] === etag;
    const start = hasRanges && isSame ? Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0) : 0;
    response.writeHead(start ? 206 : 200, {
      etag,
      'content-length': bytes.length - start,
      ...(start && { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` }),
    });
    if (cutAt === bytes.length) response.end(bytes.subarray(start));
    else response.write(bytes.subarray(start, cutAt), () => setTimeout(() => response.destroy(), 30));
  };
}

function fileAt(paths: readonly string[], rest: Partial<DatasetFile> = { md5: MD5 }): DatasetFile {
  return { path: 'set/file.gz', urls: paths.map((path) => base + path), ...rest };
}

function assertWhole(path: string): void {
  assert.is(path, join(root, 'set/file.gz'));
  assert.ok(readFileSync(path).equals(BYTES));
  assert.equal(readdirSync(join(root, 'set')), ['file.gz'], 'nothing else is left');
}

test('a file comes with progress, and is not fetched twice', async () => {
  const progress: FileProgress[] = [];
  assertWhole(await fetchFile(root, fileAt(['/a']), { onProgress: (each) => progress.push(each) }));
  assert.equal(progress[0], { file: 'set/file.gz', received: 0, total: BYTES.length });
  assert.is(progress.at(-1)!.received, BYTES.length);
  assertWhole(await fetchFile(root, fileAt(['/a'])));
  assert.is(seen.length, 1);
});

test('mirrors are tried in order, after a 404 and after another file', async () => {
  pages['/b'] = serve(BYTES.subarray(1));
  pages['/c'] = serve(BYTES);
  assertWhole(await fetchFile(root, fileAt(['/missing', '/b', '/c'])));
  assert.equal(
    seen.map(({ url }) => url).filter((url, i, all) => url !== all[i - 1]),
    ['/missing', '/b', '/c'],
  );
});

test('a mirror goes on where another was cut off', async () => {
  pages['/a'] = serve(BYTES, { cutAt: CUT });
  assertWhole(await fetchFile(root, fileAt(['/a', '/b'])));
  assert.equal(seen, [
    { url: '/a', range: undefined },
    { url: '/b', range: `bytes=${CUT}-` },
  ]);
});

test('a server that ignores the range sends all of it', async () => {
  pages['/a'] = serve(BYTES, { cutAt: CUT });
  pages['/b'] = serve(BYTES, { hasRanges: false });
  assertWhole(await fetchFile(root, fileAt(['/a', '/b'])));
});

test('redirects are followed, and a ring of them ends', async () => {
  pages['/a'] = (_, response) => response.writeHead(302, { location: '/b' }).end();
  assertWhole(await fetchFile(root, fileAt(['/a'])));
  pages['/ring'] = (_, response) => response.writeHead(302, { location: '/ring' }).end();
  const file = fileAt(['/ring'], { path: 'other', md5: MD5 });
  assert.match(await refusal(fetchFile(root, file), FetchError), /\/ring: redirect count exceeded/);
});

test('another file is refused and removed, by its MD5', async () => {
  pages['/a'] = serve(Buffer.from('<html>please log in</html>'));
  const message = await refusal(fetchFile(root, fileAt(['/a'])), FormatError);
  assert.match(message, `${base}/a: this is not set/file.gz: its MD5 is `);
  assert.match(message, `expected ${MD5}; its 26 bytes were removed`);
  assert.equal(readdirSync(join(root, 'set')), []);
});

test('when every mirror fails the error has all reasons, and what to place where', async () => {
  pages['/a'] = serve(BYTES.subarray(2));
  const file = fileAt(['/a', '/missing'], { md5: MD5 });
  const message = await refusal(fetchFile(root, { ...file, urls: [...file.urls, 'http://127.0.0.1:1/x'] }), FetchError);
  assert.match(message, /^set\/file\.gz: no address gave it:\n {2}.*\/a: this is not set\/file\.gz/);
  assert.match(message, /\/missing: the server answered 404 Not Found\n/);
  assert.match(message, /127\.0\.0\.1:1\/x: /);
  assert.match(message, `Put file.gz (its MD5 is ${MD5}, published at ${base}/a and ${base}/missing and `);
  assert.match(message, `into ${join(root, 'set')} or set WGRAD_DATASETS_URL`);
  assert.equal(readdirSync(join(root, 'set')), []);
});

test('a wrong file that is there is replaced, and kept when that fails', async () => {
  mkdirSync(join(root, 'set'));
  writeFileSync(join(root, 'set/file.gz'), 'wrong');
  const message = await refusal(fetchFile(root, fileAt(['/missing'])), FetchError);
  assert.match(message, /the file there is another: its MD5 is 2bda2998d9b0ee197da142a0447f6725/);
  assert.is(readFileSync(join(root, 'set/file.gz'), 'utf8'), 'wrong');
  assertWhole(await fetchFile(root, fileAt(['/a'])));
});

test('a server that sends without end is refused', async () => {
  pages['/a'] = (_, response) => {
    const send = () => !response.destroyed && response.write(BYTES, () => setImmediate(send));
    send();
  };
  for (const md5 of [{ md5: MD5 }, {}]) {
    const message = await refusal(fetchFile(root, fileAt(['/a'], { ...md5, maxBytes: 500_000 })), FetchError);
    assert.match(message, /bytes or more, at most 500000 are taken/);
    assert.not(existsSync(join(root, 'set/file.gz')));
  }
});

test('an abort leaves the part, which the next call continues', async () => {
  pages['/a'] = (_, response) => {
    response.writeHead(200, { 'content-length': BYTES.length, etag: '"1"' });
    response.write(BYTES.subarray(0, CUT));
  };
  const controller = new AbortController();
  const reason = new Error('enough');
  const error = await fetchFile(root, fileAt(['/a', '/b']), {
    signal: controller.signal,
    onProgress: ({ received }) => received === CUT && controller.abort(reason),
  }).catch((thrown) => thrown);
  assert.is(error, reason);
  assert.equal(readdirSync(join(root, 'set')), ['file.gz.part', 'file.gz.part.etag']);
  assertWhole(await fetchFile(root, fileAt(['/b'])));
  assert.equal(
    seen.map(({ url, range }) => [url, range]),
    [
      ['/a', undefined],
      ['/b', `bytes=${CUT}-`],
    ],
  );
});

test('without a hash a part is continued from the same address only', async () => {
  pages['/a'] = serve(BYTES, { cutAt: CUT });
  pages['/b'] = serve(BYTES.map((byte) => byte ^ 1));
  const path = await fetchFile(root, fileAt(['/a', '/b'], {}));
  assert.ok(readFileSync(path).equals(BYTES.map((byte) => byte ^ 1)), 'no mixture of the two');
  assert.is(seen.at(-1)!.range, undefined);
  const same = fileAt(['/a'], { path: 'same' });
  await refusal(fetchFile(root, same), FetchError);
  pages['/a'] = serve(BYTES);
  assert.ok(readFileSync(await fetchFile(root, same)).equals(BYTES));
  assert.is(seen.at(-1)!.range, `bytes=${CUT}-`);
});

test('without a hash a server must say where the file ends', async () => {
  pages['/a'] = ({ socket }) => socket.end(`HTTP/1.0 200 OK\r\n\r\n${'x'.repeat(100)}`);
  const message = await refusal(fetchFile(root, fileAt(['/a'], {})), FetchError);
  assert.match(message, /the server does not say how long it is/);
  pages['/a'] = (_, response) => response.write(BYTES, () => response.end()); // chunked
  assertWhole(await fetchFile(root, fileAt(['/a'], {})));
});

test('a path that leaves the folder is refused', async () => {
  for (const path of ['../file', '/file', 'a/../../file', '', '.']) {
    await refusal(fetchFile(root, { ...fileAt(['/a']), path }), ShapeError);
  }
  assert.equal(seen, []);
});

test('two calls for one file fetch it once', async () => {
  const paths = await Promise.all([1, 2, 3].map(() => fetchFile(root, fileAt(['/a']))));
  for (const path of paths) assertWhole(path);
  assert.is(seen.length, 1);
});

test('a lock of a process that is gone, or that nobody touches, is broken', async () => {
  const lock = join(root, 'lock');
  for (const owner of [`999999999 ${hostname()} x`, '', `1 elsewhere x`]) {
    writeFileSync(lock, owner);
    let isDone = false;
    await withFileLock(
      lock,
      async () => {
        isDone = true;
        assert.not.equal(readFileSync(lock, 'utf8'), owner);
      },
      { staleAfter: 1 },
    );
    assert.ok(isDone);
    assert.equal(readdirSync(root), []);
  }
});

test('a lock that is held is waited for, until the signal aborts', async () => {
  const lock = join(root, 'lock');
  const order: string[] = [];
  await withFileLock(lock, async () => {
    const reason = new Error('no time');
    const error = await withFileLock(lock, async () => order.push('never'), {
      signal: AbortSignal.abort(reason),
    }).catch((thrown) => thrown);
    assert.is(error, reason);
    order.push('first');
  });
  await withFileLock(lock, async () => order.push('second'));
  assert.equal(order, ['first', 'second']);
  const error = await withFileLock(lock, () => Promise.reject(new Error('inside'))).catch((thrown) => thrown);
  assert.is(error.message, 'inside');
  assert.equal(readdirSync(root), [], 'a failure gives it back');
});

test('loaders say how to download, and with download: true name each file, its MD5 and its mirrors', async () => {
  assert.match(await refusal(loadMnist(root), DatasetNotFoundError), /or load it with \{ download: true \}$/);
  const options = { download: true, baseUrl: `${base}/nothing` };
  const [images] = PUBLISHED_FILES.mnist;
  const message = await refusal(loadMnist(root, options), FetchError);
  assert.match(message, `${base}/nothing/MNIST/raw/train-images-idx3-ubyte.gz: the server answered 404`);
  assert.match(
    message,
    `Put train-images-idx3-ubyte.gz (its MD5 is ${images.md5}, published at ${images.urls[0]} and `,
  );
  assert.match(message, `into ${join(root, 'MNIST/raw')} or set WGRAD_DATASETS_URL to the address of a folder`);
  const cifar = await refusal(loadCifar10(root, options), FetchError);
  assert.match(cifar, 'c58f30108f718f92721af3b95e74349a');
  const emnist = await refusal(loadEmnist(root, { ...options, split: 'letters' }), FetchError);
  assert.match(
    emnist,
    /Put gzip\.zip \(its MD5 is 58c8d27c78d21e728a6bc7b3cc06412e, published at https:\/\/biometrics/,
  );
});

test('WGRAD_DATASETS_URL stands in for the publishers, several addresses for mirrors', async () => {
  process.env.WGRAD_DATASETS_URL = `${base}/none ${base}/copy/`;
  try {
    pages['/copy/set/file.gz'] = serve(BYTES);
    assertWhole(await fetchFile(root, fileAt(['/a'])));
    assert.equal(
      seen.map(({ url }) => url),
      ['/none/set/file.gz', '/copy/set/file.gz'],
    );
  } finally {
    delete process.env.WGRAD_DATASETS_URL;
  }
});

test('the default root is datasets/ in WGRAD_HOME', () => {
  const before = process.env.WGRAD_HOME;
  process.env.WGRAD_HOME = root;
  try {
    assert.is(datasetsFolder(), join(root, 'datasets'));
  } finally {
    if (before === undefined) delete process.env.WGRAD_HOME;
    else process.env.WGRAD_HOME = before;
  }
});

const data = process.env.WGRAD_DATA ?? '';
const testReal = data && existsSync(join(data, 'mnist/t10k-images-idx3-ubyte.gz')) ? test : test.skip;

testReal("the real MNIST and Fashion-MNIST pass their MD5, are kept in torchvision's layout, and load", async () => {
  for (const [set, source] of [
    ['mnist', 'mnist'],
    ['fashion-mnist', 'fashion-mnist'],
  ] as const) {
    for (const { path } of PUBLISHED_FILES[set]) {
      pages[`/${path}`] = serve(readFileSync(join(data, source, path.split('/').at(-1)!)));
    }
  }
  const test = await loadMnist(root, { train: false, download: true, baseUrl: base });
  assert.equal([test.count, ...test.labels.subarray(0, 5)], [10_000, 7, 2, 1, 0, 4]);
  assert.equal(
    seen.map(({ url }) => url),
    ['/MNIST/raw/t10k-images-idx3-ubyte.gz', '/MNIST/raw/t10k-labels-idx1-ubyte.gz'],
  );
  assert.is((await loadMnist(root, { train: false, download: true, baseUrl: 'http://127.0.0.1:1' })).count, 10_000);
  const paths = await fetchDataset('fashion-mnist', root, { baseUrl: base });
  assert.equal(
    paths,
    PUBLISHED_FILES['fashion-mnist'].map(({ path }) => join(root, path)),
  );
  pages['/MNIST/raw/train-labels-idx1-ubyte.gz'] = serve(gzipSync('other'));
  assert.match(
    await refusal(fetchDataset('mnist', root, { baseUrl: base }), FormatError),
    /this is not MNIST\/raw\/train-labels/,
  );
});
test.run();
