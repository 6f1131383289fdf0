// A network as a figure, drawn from what the model itself does with an image.
import { type Layer, layers } from '../../engine/nn/layers.ts';
import type { AnyModule } from '../../engine/nn/module.ts';
import { trace } from '../../engine/nn/trace.ts';
import type { Shape } from '../../kernels/definition.ts';
import { figureOf } from './blocks.ts';
import { boxesOf } from './boxes.ts';
import { type Cost, figureSvg } from './svg.ts';

/**
 * The architecture as SVG: an overview from the image to the logits with the shape after each step, equal blocks in a
 * row drawn once, and a panel for each kind of block (inception, bottleneck, fire). Only shapes run through the model,
 * in inference mode: it needs no device.
 * @param inputShape of one image, [c, h, w]
 * @param options.title default: the class's name
 * @param options.interactive for a page: each box says what it costs, can be focused, and has the dotted name of its
 *   module in `data-module`, its kind as its class. Default false
 * @throws ShapeError where the model cannot take the image
 */
export function diagram(
  model: AnyModule,
  inputShape: Shape,
  { title = model.constructor.name, interactive = false } = {},
): string {
  const traced = trace(model, inputShape);
  const parameters = model.parameters().reduce((sum, { size }) => sum + size, 0);
  const macs = traced.nodes.reduce((sum, node) => sum + node.macs, 0);
  const subtitle = `${parameters.toLocaleString('en-US')} parameters, ${(macs / 1e9).toPrecision(3)} G multiply-accumulates for an image of ${inputShape.join(' × ')}`;
  return figureSvg(figureOf(model, boxesOf(traced)), {
    title,
    subtitle,
    costs: interactive ? costsOf(layers(model, inputShape)) : undefined,
  });
}

function costsOf(rows: readonly Layer[]): ReadonlyMap<string, Cost> {
  return new Map(rows.map(({ name, parameters, macs }) => [name, { parameters, macs }]));
}
