// The documentation site: the API reference from the docstrings, a module for each public subpath, and the guides.
//   node docs/site/build.mjs [folder]        (default: docs/site/out)
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Application, Comment, Converter } from 'typedoc';

const site = fileURLToPath(new URL('.', import.meta.url));
const root = resolve(site, '../..');
const out = resolve(process.argv[2] ?? join(site, 'out'));

const modules = publicModules();
if (!existsSync(join(root, 'kernels/relu/forward.wgsl.ts'))) {
  throw new Error('the shaders are not generated: run `npm run generate` in the repository first');
}
const app = await Application.bootstrap({
  name: 'wgrad',
  entryPoints: [...modules.keys()],
  tsconfig: join(site, 'tsconfig.json'),
  basePath: root,
  readme: join(root, 'docs/README.md'),
  projectDocuments: documents(),
  out,
  disableSources: true, // the same site wherever it is built
  excludeInternal: true,
  excludePrivate: true,
  includeVersion: true,
  sort: ['kind', 'alphabetical'],
  sortEntryPoints: false,
  categorizeByGroup: false,
  navigation: { includeGroups: false, includeFolders: false },
  customCss: join(site, 'style.css'),
  headings: { readme: false },
  highlightLanguages: ['typescript', 'javascript', 'python', 'wgsl', 'bash', 'html', 'json', 'text'],
  // helper types of a signature that no entry exports are shown in place
  validation: { notExported: false, invalidLink: true, invalidPath: true, rewrittenLink: true, notDocumented: false },
  treatWarningsAsErrors: true,
});
// a destructured parameter has no name but in its docstring
app.converter.on(Converter.EVENT_CREATE_SIGNATURE, (_, signature) => {
  const parameters = signature.parameters ?? [];
  const documented = signature.comment?.getTags('@param').map(({ name }) => name.split('.')[0]) ?? [];
  const names = [...new Set(documented)].filter((name) => !parameters.some((parameter) => parameter.name === name));
  for (const parameter of parameters) {
    if (parameter.name === '__namedParameters') parameter.name = names.shift() ?? 'options';
  }
});
const project = await app.convert();
if (!project) process.exit(1);
nameModules(project, modules);
nameDocuments(project);
app.validate(project);
if (app.logger.hasErrors() || app.logger.hasWarnings()) process.exit(1);
await app.generateOutputs(project);
if (app.logger.hasErrors() || app.logger.hasWarnings()) process.exit(1);
console.log(`open ${join(out, 'index.html')}`);

/** The source file of each subpath that package.json exports, with its name for users. */
function publicModules() {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return new Map(
    Object.entries(exports)
      .filter(([, target]) => typeof target === 'object' && target.types)
      .map(([subpath, { types }]) => [
        join(root, types.replace(/^\.\/dist\//, '').replace(/\.d\.ts$/, '.ts')),
        subpath.replace(/^\./, 'wgrad'),
      ]),
  );
}

/** The guides in the order of docs/README.md, then the other pages that it links. */
function documents() {
  const index = readFileSync(join(root, 'docs/README.md'), 'utf8');
  return [...index.matchAll(/\]\((?!https?:)([^)#]+\.md)\)/g)].map(([, path]) => resolve(root, 'docs', path));
}

/** Modules are called as they are imported; what one is for stands in its file's first line. */
function nameModules(converted, names) {
  for (const module of converted.children ?? []) {
    const file = resolve(converted.files.getReflectionPath(module));
    const name = names.get(file);
    if (!name) throw new Error(`no public subpath for the module ${module.name} (${file})`);
    module.name = name;
    const [first] = readFileSync(file, 'utf8').match(/^\/\/ .*(?:\n\/\/ .*)*/) ?? [''];
    const text = first.replaceAll(/^\/\/ /gm, '').replace(/^`?wgrad[\w/]*`?: /, '');
    module.comment ??= new Comment([{ kind: 'text', text: text.charAt(0).toUpperCase() + text.slice(1) }]);
  }
}

/** Documents are called as their first heading says. */
function nameDocuments(converted) {
  for (const document of converted.documents ?? []) {
    const [, title] = /^# (.+)$/m.exec(document.content.map(({ text }) => text).join('')) ?? [];
    if (title) document.name = title;
  }
}
