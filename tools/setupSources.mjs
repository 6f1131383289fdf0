// Reads apt's lists of package sources, in both their formats (see sources.list(5)), and writes the entry for a
// release's backports by changing the suite in the entry for the release itself: same mirror, same keys.

/**
 * The entry for `<codename>-backports` derived from the entry for `codename`, or null when there is none.
 * `files` are `{ name, text }`; names end in `.list` (a line each) or `.sources` (stanzas of fields).
 */
export function backportsEntry(files, codename) {
  const own = entriesOf(files).filter((entry) => entry.suites.includes(codename) && entry.components.includes('main'));
  // other vendors use Debian's codenames too; Debian's archive lies in a folder called debian
  const entry = own.find(({ uri }) => /\/debian\/?$/.test(uri)) ?? own[0];
  return entry ? { format: entry.format, text: entry.withSuite(`${codename}-backports`) } : null;
}

/** Whether an enabled entry names this suite. */
export function hasSuite(files, suite) {
  return entriesOf(files).some((entry) => entry.suites.includes(suite));
}

function entriesOf(files) {
  return files.flatMap(({ name, text }) => (name.endsWith('.sources') ? stanzas(text) : lines(text)));
}

function lines(text) {
  return text.split('\n').flatMap((line) => {
    const match = /^\s*deb\s+(\[[^\]]*\]\s+)?(\S+)\s+(\S+)((?:\s+[^\s#]+)*)/.exec(line);
    if (!match) return [];
    const [, options = '', uri, suite, components] = match;
    const withSuite = (other) => `deb ${options}${uri} ${other}${components}\n`;
    return [{ format: 'list', uri, suites: [suite], components: words(components), withSuite }];
  });
}

function stanzas(text) {
  const withoutComments = text.replace(/^#.*\n?/gm, '');
  return withoutComments.split(/\n\s*\n/).flatMap((stanza) => {
    const field = (name) => new RegExp(`^${name}:((?:.*\\n?)(?:[ \\t]+.*\\n?)*)`, 'im').exec(stanza)?.[1]?.trim() ?? '';
    if (!words(field('Types')).includes('deb') || field('Enabled').toLowerCase() === 'no') return [];
    const withSuite = (other) => `${stanza.trim().replace(/^Suites:.*(?:\n[ \t]+.*)*/im, `Suites: ${other}`)}\n`;
    const [uri = ''] = words(field('URIs'));
    return [
      { format: 'sources', uri, suites: words(field('Suites')), components: words(field('Components')), withSuite },
    ];
  });
}

function words(text) {
  return text.split(/\s+/).filter(Boolean);
}
