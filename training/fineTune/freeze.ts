// Which layers of a model are trained.
import { BatchNorm2d } from '../../engine/nn/batchNorm2d.ts';
import type { AnyModule } from '../../engine/nn/module.ts';
import { Parameter } from '../../engine/nn/parameter.ts';
import { ShapeError } from '../../kernels/errors.ts';

/**
 * `backbone`: all but the head. `none`: nothing. `until:layer3`: all that is declared before the layer of that dotted
 * name, which is trained with everything behind it.
 */
export type Freeze = 'backbone' | 'none' | `until:${string}`;

/** What frozen batch norms do while the others train: `eval` keeps their statistics, `train` moves them. */
export type FrozenBatchNorm = 'eval' | 'train';

/**
 * Freezes layers: `requiresGrad` of their parameters becomes false, that of all others true.
 * @param head dotted name of the layer that is always trained
 * @returns the frozen modules; containers that hold a trained layer are not among them
 * @throws ShapeError when there is no such layer, or it stands behind the head
 */
export function freezeLayers(model: AnyModule, freeze: Freeze, head: string): Set<AnyModule> {
  const frozen = new Set(frozenModules(model, freeze, head));
  for (const module of model.modules()) setRequiresGrad(module, false);
  for (const module of model.modules()) if (!frozen.has(module)) setRequiresGrad(module, true);
  return frozen;
}

/** Training mode, but for frozen batch norms where these are to keep their statistics. */
export function trainUnfrozen(model: AnyModule, frozen: ReadonlySet<AnyModule>, frozenBatchNorm: FrozenBatchNorm) {
  model.train();
  if (frozenBatchNorm === 'train') return;
  for (const module of frozen) if (module instanceof BatchNorm2d) module.training = false;
}

/** Of a module's own parameters, not its children's. */
export function setRequiresGrad(module: AnyModule, requiresGrad: boolean): void {
  for (const value of Object.values(module)) if (value instanceof Parameter) value.requiresGrad = requiresGrad;
}

function frozenModules(model: AnyModule, freeze: Freeze, head: string): AnyModule[] {
  if (freeze === 'none') return [];
  const layer = freeze === 'backbone' ? head : freezeUntil(freeze);
  const modules = model.namedModules();
  if (layer === '' || layer === undefined) {
    throw new ShapeError(`freeze must be backbone, none or until:LAYER, given ${JSON.stringify(freeze)}`);
  }
  const first = model.getSubmodule(layer);
  const position = (wanted: AnyModule) => modules.findIndex(([, module]) => module === wanted);
  const headModule = model.getSubmodule(head);
  if (position(first) > position(headModule) && !headModule.modules().includes(first)) {
    throw new ShapeError(`freeze: ${layer} stands behind the head ${head}, so nothing would be trained`);
  }
  const candidates = freeze === 'backbone' ? modules : modules.slice(0, position(first));
  const kept = new Set(headModule.modules());
  return candidates
    .filter(([name, module]) => !kept.has(module) && !isAbove(name, layer) && !isAbove(name, head))
    .map(([, module]) => module);
}

/** `layer3` of `until:layer3`; undefined for anything else. */
function freezeUntil(freeze: string): string | undefined {
  return freeze.startsWith('until:') ? freeze.slice('until:'.length) : undefined;
}

/** Whether a container of this name holds the layer. */
function isAbove(container: string, layer: string): boolean {
  return container === '' || layer.startsWith(`${container}.`);
}
