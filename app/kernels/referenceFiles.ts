// The source of an operation's reference with all that it is made of.
import sources from 'wgrad:references';

export interface ReferenceFile {
  /** `kernels/add/reference.ts` */
  readonly path: string;
  readonly text: string;
}

/** The room's own first, then the references that it imports. */
export function referenceFiles(operation: string): ReferenceFile[] {
  const paths = [`${operation}/reference.ts`];
  for (const path of paths) {
    for (const [, imported] of (sources[path] ?? '').matchAll(/ from '(\.[^']+)'/g)) {
      const found = new URL(imported!, `file:///${path}`).pathname.slice(1);
      if (found in sources && !paths.includes(found)) paths.push(found);
    }
  }
  return paths.flatMap((path) => (path in sources ? [{ path: `kernels/${path}`, text: sources[path]! }] : []));
}
