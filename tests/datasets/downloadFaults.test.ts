// Downloads from servers that do not keep their word, and onto disks that do not take them.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { withFileLock } from '../../datasets/node/download/fileLock.ts';
import { type DatasetFile, FetchError, fetchFile } from '../../datasets/node/index.ts';
import { FormatError } from '../../kernels/errors.ts';
import { refuses } from './refusal.ts';
import { temporaryFolders } from './temporaryFolders.ts';

const test = suite('download faults');
const { make, removeAll } = temporaryFolders();

const BYTES = Buffer.alloc(200_000, 'wgrad');
const MD5 = createHash('md5').update(BYTES).digest('hex');

const ANSWERS: Readonly<Record<string, (response: ServerResponse) => void>> = {
  '/good': (response) => void response.writeHead(200, { 'content-length': BYTES.length }).end(BYTES),
  '/silent': () => {},
  '/stalls': (response) => void response.writeHead(200, { 'content-length': BYTES.length }).write(BYTES.subarray(0, 9)),
  '/to-a-file': (response) => void response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
  '/too-much': ({ socket }) => void socket!.end(`HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n${BYTES}`),
  '/less-of-the-rest': (response) =>
    void response
      .writeHead(206, { etag: '"1"', 'content-range': 'bytes 100-149/200000', 'content-length': 50 })
      .end(BYTES.subarray(100, 150)),
};

let server: Server;
let base: string;
test.before(async () => {
  server = createServer(({ url }, response) => ANSWERS[url!]!(response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
test.after(() => {
  server.closeAllConnections();
  server.close();
  removeAll();
});

function fileAt(paths: readonly string[], rest: Partial<DatasetFile> = {}): DatasetFile {
  return { path: 'set/file', urls: paths.map((path) => base + path), ...rest };
}

test('a server that sends nothing more is given up, and the next mirror asked', async () => {
  for (const path of ['/silent', '/stalls']) {
    const root = make();
    await refuses(
      fetchFile(root, fileAt([path]), { stallAfter: 200 }),
      FetchError,
      `${base}${path}: the server sent nothing for 0.2 s`,
    );
  }
  const root = make();
  const file = await fetchFile(root, fileAt(['/stalls', '/good'], { md5: MD5 }), { stallAfter: 3000 });
  assert.ok(readFileSync(file).equals(BYTES));
  assert.equal(readdirSync(join(root, 'set')), ['file']);
});

test('a redirect to a file of this machine is not followed', async () => {
  const root = make();
  await refuses(fetchFile(root, fileAt(['/to-a-file'])), FetchError, /to-a-file: URL scheme must be/);
  assert.not.ok(readdirSync(join(root, 'set')).includes('file'));
});

test('what a server sends beyond the length it told is not taken', async () => {
  const file = await fetchFile(make(), fileAt(['/too-much']));
  assert.is(readFileSync(file, 'utf8'), 'wgr');
});

test('a server that sends less of the rest than there is does not end the file', async () => {
  const part = { 'set/file.part': BYTES.subarray(0, 100), 'set/file.part.etag': `"1"\n${base}/less-of-the-rest` };
  const root = make(part);
  await refuses(fetchFile(root, fileAt(['/less-of-the-rest'])), FetchError, /150 of 200000 bytes came/);
  assert.equal(readdirSync(join(root, 'set')), ['file.part', 'file.part.etag']);
});

test('a folder or a device where the file should be is told, not read', async () => {
  const root = make();
  mkdirSync(join(root, 'set/file'), { recursive: true });
  await refuses(fetchFile(root, fileAt(['/good'], { md5: MD5 })), FormatError, /set\/file: is no file/);
  await refuses(fetchFile(root, fileAt(['/good'])), FetchError, /set\/file: EISDIR/);
  await refuses(fetchFile(make({ set: 'a file' }), fileAt(['/good'])), FetchError, /set\/file: .*set/);
});

test('a lock that is a link, to nowhere or to a file, holds nobody up', async () => {
  const root = make({ target: 'somebody' });
  for (const target of ['nowhere', 'target']) {
    symlinkSync(target, join(root, 'lock'));
    assert.is(await withFileLock(join(root, 'lock'), async () => 7, { staleAfter: 150 }), 7);
    assert.equal(readdirSync(root), ['target']);
  }
  assert.is(readFileSync(join(root, 'target'), 'utf8'), 'somebody');
});

/** In a process that may write no file beyond 64 KiB, which is what a full disk is like. */
function fetchOntoFullDisk(root: string, bytes: Uint8Array): { stdout: string; stderr: string } {
  const program = join(root, 'program.mts');
  writeFileSync(join(root, 'bytes'), bytes);
  writeFileSync(
    program,
    `import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
import { fetchFile } from ${JSON.stringify(import.meta.resolve('../../datasets/node/index.ts'))};
const server = createServer((_, response) => response.end(readFileSync(${JSON.stringify(join(root, 'bytes'))})));
server.listen(0, '127.0.0.1', async () => {
  const url = 'http://127.0.0.1:' + server.address().port + '/';
  const urls = [url + 'a', url + 'b'];
  const file = { path: 'set/file', urls, md5: '${MD5}' };
  await fetchFile(${JSON.stringify(root)}, file).catch(({ name, constructor, message }) => {
    console.log(JSON.stringify({ type: constructor.name, message }));
  });
  server.close();
});`,
  );
  const command = 'ulimit -f 64 && exec "$0" --import "$1" "$2"';
  const args = ['-c', command, process.execPath, import.meta.resolve('tsx'), program];
  const { stdout, stderr } = spawnSync('bash', args, {
    encoding: 'utf8',
    env: { ...process.env, TSX_DISABLE_CACHE: '1' },
  });
  return { stdout, stderr };
}

test('a full disk ends a download at once, with the file in the error, and what has come goes on', async () => {
  const root = make();
  const { stdout, stderr } = fetchOntoFullDisk(root, BYTES);
  assert.ok(stdout, stderr);
  const { type, message } = JSON.parse(stdout);
  assert.is(type, 'FetchError');
  assert.match(message, new RegExp(`^${join(root, 'set/file')}: E(FBIG|NOSPC)`));
  assert.equal(readdirSync(join(root, 'set')), ['file.part', 'file.part.etag'], 'the lock is given back');
  const file = await fetchFile(root, fileAt(['/good'], { md5: MD5 }));
  assert.ok(readFileSync(file).equals(BYTES));
  assert.equal(readdirSync(join(root, 'set')), ['file']);
});

test.run();
