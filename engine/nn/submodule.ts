// Modules by their dotted names: finding one, and putting another in its place.
import { ShapeError } from '../../kernels/errors.ts';
import type { AnyModule } from './module.ts';
import { OwnedTensor } from './parameter.ts';
import { stateName } from './stateName.ts';

/** See `Module.getSubmodule`. */
export function getSubmodule(root: AnyModule, path: string): AnyModule {
  if (path === '') return root;
  const parts = path.split('.');
  let module = root;
  for (const [i, part] of parts.entries()) {
    const child = module.namedChildren().find(([name]) => name === part)?.[1];
    if (!child) {
      const where = parts.slice(0, i).join('.') || root.constructor.name;
      const names = module.namedChildren().map(([name]) => name);
      throw new ShapeError(
        `no module '${path}': ${where} has ${names.length ? `the children ${names.join(', ')}` : 'no children'}`,
      );
    }
    module = child;
  }
  return module;
}

/** See `Module.setSubmodule`. */
export function setSubmodule<M extends AnyModule>(root: AnyModule, path: string, replacement: M): M {
  const old = getSubmodule(root, path);
  if (old === root) throw new ShapeError("setSubmodule: '' is the model itself; name a module in it");
  const parent = getSubmodule(root, path.split('.').slice(0, -1).join('.')) as AnyModule & Record<string, unknown>;
  const name = path.split('.').at(-1);
  const field = Object.keys(parent).find((key) => stateName(key) === name && parent[key] === old)!;
  (parent as Record<string, unknown>)[field] = replacement;
  const kept = new Set(root.state().map(([, value]) => value));
  // a module that is used twice, or whose tensors the replacement shares, lives on
  for (const [, value] of old.state()) if (value instanceof OwnedTensor && !kept.has(value)) value.dispose();
  return replacement;
}
