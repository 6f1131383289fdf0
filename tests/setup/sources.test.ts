// The apt sources entry for backports, derived from what a machine has.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
// @ts-expect-error plain JavaScript, for it runs before there is a node_modules
import { newEnoughVersion } from '../../tools/setupDebian.mjs';
// @ts-expect-error plain JavaScript, for it runs before there is a node_modules
import { backportsEntry, hasSuite } from '../../tools/setupSources.mjs';

const stanzas = `# the archive
Types: deb deb-src
# http://snapshot.example.org/archive
URIs: http://deb.example.org/debian
Suites: bookworm
  bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://deb.example.org/debian-security
Suites: bookworm-security
Components: main
`;

test('a stanza becomes the same stanza with the suite of the backports', () => {
  const entry = backportsEntry([{ name: 'debian.sources', text: stanzas }], 'bookworm');
  assert.is(entry?.format, 'sources');
  assert.is(
    entry?.text,
    `Types: deb deb-src
URIs: http://deb.example.org/debian
Suites: bookworm-backports
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
`,
  );
});

test('a key written inside a stanza is kept', () => {
  const key = 'Signed-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n mQINBF\n -----END PGP PUBLIC KEY BLOCK-----';
  const text = `Types: deb\nURIs: http://a/debian\nSuites: trixie\nComponents: main contrib\n${key}\n`;
  assert.is(
    backportsEntry([{ name: 'x.sources', text }], 'trixie')?.text,
    text.replace('Suites: trixie', 'Suites: trixie-backports'),
  );
});

test('a line keeps its options, mirror and components', () => {
  const text = `# deb http://off.example.org/debian bookworm main
deb-src http://deb.example.org/debian bookworm main
deb [arch=amd64 signed-by=/k.gpg] http://deb.example.org/debian bookworm main contrib # the archive
deb http://deb.example.org/debian-security bookworm-security main
`;
  assert.equal(backportsEntry([{ name: 'sources.list', text }], 'bookworm'), {
    format: 'list',
    text: 'deb [arch=amd64 signed-by=/k.gpg] http://deb.example.org/debian bookworm-backports main contrib\n',
  });
});

test("other vendors' entries for the same release are not taken for Debian's", () => {
  const vendor = { name: 'a.list', text: 'deb https://vendor.example.org/linux bookworm main\n' };
  const debian = { name: 'b.list', text: 'deb http://deb.example.org/debian/ bookworm main\n' };
  assert.match(backportsEntry([vendor, debian], 'bookworm')!.text, 'deb.example.org/debian/ bookworm-backports');
  const noMain = { name: 'c.list', text: 'deb https://vendor.example.org/debian bookworm stable\n' };
  assert.is(backportsEntry([noMain], 'bookworm'), null);
});

test('entries that are off, or for sources only, are no base for another', () => {
  const off = stanzas.replace('Types: deb deb-src', 'Enabled: no\nTypes: deb');
  assert.is(backportsEntry([{ name: 'debian.sources', text: off }], 'bookworm'), null);
  assert.is(
    backportsEntry([{ name: 'debian.sources', text: stanzas.replace('deb deb-src', 'deb-src') }], 'bookworm'),
    null,
  );
  assert.is(backportsEntry([{ name: 'debian.sources', text: stanzas }], 'sid'), null);
  assert.is(backportsEntry([], 'bookworm'), null);
});

test('backports that are there already are seen in both formats', () => {
  const list = { name: 'x.list', text: 'deb http://deb.example.org/debian bookworm-backports main\n' };
  const sources = { name: 'x.sources', text: stanzas.replace('bookworm-updates', 'bookworm-backports') };
  assert.ok(hasSuite([list], 'bookworm-backports'));
  assert.ok(hasSuite([sources], 'bookworm-backports'));
  assert.not.ok(hasSuite([{ name: 'debian.sources', text: stanzas }], 'bookworm-backports'));
  assert.not.ok(hasSuite([{ ...list, text: `# ${list.text}` }], 'bookworm-backports'));
});

test("apt's versions are good enough from Mesa 24 on", () => {
  const old = ' mesa-vulkan-drivers | 22.3.6-1+deb12u1 | http://deb.example.org/debian bookworm/main amd64 Packages\n';
  const backport =
    ' mesa-vulkan-drivers | 25.0.7-2~bpo12+1 | http://deb.example.org/debian bookworm-backports/main amd64 Packages\n';
  assert.equal(newEnoughVersion(backport + old), { version: '25.0.7-2~bpo12+1', suite: 'bookworm-backports' });
  assert.equal(newEnoughVersion(old + backport)?.suite, 'bookworm-backports');
  assert.is(newEnoughVersion(old), null);
  assert.is(newEnoughVersion(''), null);
  assert.is(
    newEnoughVersion('m | 1:24.0.9-0ubuntu0.3 | http://a/ubuntu noble-updates/main amd64 Packages')?.suite,
    'noble-updates',
  );
});

test.run();
