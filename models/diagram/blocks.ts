// The overview of a network (each block one box) and one panel for each kind of block, as the chapter draws them.
import type { AnyModule } from '../../engine/nn/module.ts';
import { Sequential } from '../../engine/nn/sequential.ts';
import type { Box } from './boxes.ts';

export interface Panel {
  /** `Bottleneck (b)` */
  readonly title: string;
  /** `layer2.0`: the block it was drawn from. */
  readonly module: string;
  readonly boxes: readonly Box[];
}

export interface Figure {
  readonly overview: readonly Box[];
  readonly panels: readonly Panel[];
}

interface Block {
  readonly name: string;
  readonly type: string;
  readonly boxes: Box[];
}

/** A block is the outermost module below the model that has layers of its own, Sequentials apart, and draws branches. */
export function figureOf(model: AnyModule, boxes: readonly Box[]): Figure {
  const blocks = branchingBlocks(model, boxes);
  const panels = panelsOf([...blocks.values()]);
  const titles = new Map([...panels].map(([key, { title }]) => [key, title]));
  const overview = withoutRepeats(contracted(boxes, blocks, titles));
  return { overview, panels: [...panels.values()] };
}

function branchingBlocks(model: AnyModule, boxes: readonly Box[]): Map<string, Block> {
  const types = new Map<string, string>();
  for (const [name, module] of model.namedModules()) {
    if (name && !(module instanceof Sequential) && module.children().length) types.set(name, module.constructor.name);
  }
  const blocks = new Map<string, Block>();
  for (const box of boxes) {
    const name = prefixes(box.module).find((prefix) => types.has(prefix));
    if (name === undefined) continue;
    if (!blocks.has(name)) blocks.set(name, { name, type: types.get(name)!, boxes: [] });
    blocks.get(name)!.boxes.push(box);
  }
  for (const [name, block] of blocks) if (!hasMerge(block)) blocks.delete(name);
  return blocks;
}

/** `a`, `a.b`, `a.b.c` */
function prefixes(name: string): string[] {
  const parts = name.split('.');
  return parts.map((_, i) => parts.slice(0, i + 1).join('.'));
}

function hasMerge({ boxes }: Block): boolean {
  return boxes.some(({ kind }) => kind === 'merge');
}

/** By key: blocks that differ in channel counts only share a panel. */
function panelsOf(blocks: readonly Block[]): Map<string, Panel> {
  const first = new Map<string, Block>();
  for (const block of blocks) if (!first.has(keyOf(block))) first.set(keyOf(block), block);
  const ofType = (type: string) => [...first.values()].filter((block) => block.type === type);
  const entries = [...first].map(([key, block]): [string, Panel] => {
    const siblings = ofType(block.type);
    const letter = siblings.length > 1 ? ` (${String.fromCharCode(97 + siblings.indexOf(block))})` : '';
    return [key, { title: block.type + letter, module: block.name, boxes: closed(block) }];
  });
  return new Map(entries);
}

function keyOf({ type, boxes }: Block): string {
  const start = boxes[0].id;
  return JSON.stringify([type, boxes.map(({ key, inputs }) => [key, inputs.map((id) => Math.max(id - start, -1))])]);
}

/** A block's boxes with an input of their own, numbered from 0. */
function closed({ boxes }: Block): Box[] {
  const numbers = new Map(boxes.map(({ id }, i) => [id, i + 1]));
  const input: Box = {
    id: 0,
    kind: 'input',
    title: 'x',
    notes: [],
    shape: [],
    inputs: [],
    module: '',
    modules: [],
    key: '',
  };
  const own = boxes.map((box) => ({
    ...box,
    id: numbers.get(box.id)!,
    inputs: box.inputs.map((id) => numbers.get(id) ?? 0),
  }));
  return [input, ...own];
}

/** Each block as one box. */
function contracted(
  boxes: readonly Box[],
  blocks: ReadonlyMap<string, Block>,
  titles: ReadonlyMap<string, string>,
): Box[] {
  const blockOf = new Map([...blocks.values()].flatMap((block) => block.boxes.map(({ id }) => [id, block] as const)));
  const placeOf = (id: number) => blockOf.get(id)?.boxes.at(-1)?.id ?? id;
  return boxes.flatMap((box): Box[] => {
    const block = blockOf.get(box.id);
    if (!block) return [{ ...box, inputs: [...new Set(box.inputs.map(placeOf))] }];
    if (box !== block.boxes.at(-1)) return [];
    const own = new Set(block.boxes.map(({ id }) => id));
    const outside = block.boxes.flatMap(({ inputs }) => inputs.filter((id) => !own.has(id)));
    const key = keyOf(block);
    return [
      {
        ...box,
        kind: 'block',
        title: block.name,
        module: block.name,
        modules: [...new Set(block.boxes.flatMap(({ modules }) => modules))],
        notes: [titles.get(key)!],
        inputs: [...new Set(outside.map(placeOf))],
        // channel counts matter here: only equal blocks are drawn as one
        key: JSON.stringify([key, block.boxes.map(({ title }) => title)]),
      },
    ];
  });
}

/** Runs of equal blocks, one after the other, drawn once: `layer3.1–5`, `× 5`. */
function withoutRepeats(boxes: readonly Box[]): Box[] {
  const result: Box[] = [];
  const placeOf = new Map<number, number>();
  const counts = new Map<number, number>();
  for (const box of boxes) {
    const inputs = box.inputs.map((id) => placeOf.get(id)!);
    const last = result.at(-1);
    if (last && box.kind === 'block' && last.key === box.key && inputs.length === 1 && inputs[0] === last.id) {
      const count = (counts.get(last.id) ?? 1) + 1;
      counts.set(last.id, count);
      placeOf.set(box.id, last.id);
      const title = `${last.title.split('–')[0]}–${box.title.split('.').at(-1)}`;
      const modules = [...last.modules, ...box.modules];
      result[result.length - 1] = { ...last, title, modules, notes: [last.notes[0], `× ${count}`] };
      continue;
    }
    placeOf.set(box.id, box.id);
    result.push({ ...box, inputs });
  }
  return result;
}
