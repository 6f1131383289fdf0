// A model as text, in PyTorch's own format.
import type { AnyModule } from './module.ts';

/**
 * The module and all below, as `print(model)` shows it in PyTorch:
 *
 *     LeNet5(
 *       (conv1): Conv2d(1, 6, kernel_size=(5, 5), stride=(1, 1), padding=(2, 2))
 *       …
 *     )
 *
 * Needs no device. Class names are the constructors' own.
 */
export function print(module: AnyModule): string {
  const name = module.constructor.name;
  const extra = module.extraRepr();
  const children = module.namedChildren().map(([child, below]) => `(${child}): ${indented(print(below))}`);
  if (!children.length && !extra.includes('\n')) return `${name}(${extra})`;
  const lines = [...(extra ? extra.split('\n') : []), ...children];
  return `${name}(\n${lines.map((line) => `  ${line}\n`).join('')})`;
}

function indented(text: string): string {
  return text.replaceAll('\n', '\n  ');
}
