// Modules one after the other.
import { ShapeError } from '../../kernels/errors.ts';
import type { Tensor } from '../tensor.ts';
import { ReLU } from './activations.ts';
import { BatchNorm2d } from './batchNorm2d.ts';
import { Conv2d } from './conv2d.ts';
import { layerRelu } from './layerRelu.ts';
import { Linear } from './linear.ts';
import { Module } from './module.ts';
import { normRelu } from './normRelu.ts';

/**
 * Feeds its input through its modules in order. https://pytorch.org/docs/stable/generated/torch.nn.Sequential.html
 * Its children are its own fields, named `0`, `1`, … or by the keys of the object it is given:
 *
 *     const features = new Sequential(new Conv2d(3, 64, 3), new ReLU());
 *     const block = new Sequential({ norm0: new BatchNorm2d(64), relu0: new ReLU() });
 *     features[0];                                          // the convolution
 *     model.classifier.replace(-1, new Linear(4096, 10)).to(device);  // a new head, the old one's memory freed
 */
export class Sequential extends Module {
  [index: number]: Module;

  constructor(...modules: Module[] | [Readonly<Record<string, Module>>]) {
    super();
    const [first] = modules;
    Object.assign(this, first && !(first instanceof Module) ? first : modules);
  }

  protected override forward(x: Tensor): Tensor {
    const layers = this.layers();
    let y = x;
    for (let i = 0; i < layers.length; i++) {
      const [layer, next] = [layers[i], layers[i + 1]];
      const relu = next instanceof ReLU ? next : undefined;
      if (relu && layer instanceof BatchNorm2d) y = normRelu(layer, y, { relu });
      else if (relu && (layer instanceof Conv2d || layer instanceof Linear)) y = layerRelu(layer, relu, y);
      else {
        y = layer.call(y);
        continue;
      }
      i++; // the rectifier is done too
    }
    return y;
  }

  get length(): number {
    return this.children().length;
  }

  [Symbol.iterator](): Iterator<Module> {
    return this.layers()[Symbol.iterator]();
  }

  /** A new Sequential of the layers from `start` to before `end`, sharing them; negative indices count from the end. */
  slice(start?: number, end?: number): Sequential {
    return new Sequential(...this.layers().slice(start, end));
  }

  /** Puts a module at the end. @throws ShapeError when children have names of their own */
  append(module: Module): this {
    return this.insert(this.length, module);
  }

  /** Puts a module before position `index`; the numbers of all behind it grow by one. @throws ShapeError */
  insert(index: number, module: Module): this {
    const layers = this.#numbered();
    if (!(index >= 0 && index <= layers.length)) throw outOfRange('insert', index, layers.length);
    layers.splice(index, 0, module);
    return Object.assign(this, layers);
  }

  /**
   * Puts a module in the place of another and returns the new one. The old one's memory is freed, but for what this
   * Sequential still uses: `model.replace(0, new Sequential(model[0], new ReLU()))` wraps a layer. Assigning
   * (`model[0] = …`) leaves the old one to the caller, and knows no negative indices.
   * @param index negative ones count from the end
   * @throws ShapeError
   */
  replace<M extends Module>(index: number, module: M): M {
    return this.setSubmodule(String(this.#position('replace', index)), module);
  }

  /**
   * Takes a module out; it is the caller's to dispose of. The numbers of all behind it shrink by one.
   * @param index negative ones count from the end
   * @throws ShapeError
   */
  remove(index: number): Module {
    const layers = this.#numbered();
    const [removed] = layers.splice(this.#position('remove', index), 1);
    delete this[layers.length];
    Object.assign(this, layers);
    return removed;
  }

  /** The modules in order. */
  layers(): Module[] {
    return this.children() as Module[];
  }

  /** Counted from the start. */
  #position(method: string, index: number): number {
    const layers = this.#numbered();
    const position = index < 0 ? layers.length + index : index;
    if (!layers[position]) throw outOfRange(method, index, layers.length);
    return position;
  }

  #numbered(): Module[] {
    const named = this.namedChildren().find(([name], i) => name !== String(i));
    if (named)
      throw new ShapeError(`Sequential: child '${named[0]}' has a name of its own; assign to that field instead`);
    return this.layers();
  }
}

function outOfRange(method: string, index: number, length: number): ShapeError {
  return new ShapeError(`Sequential.${method}: index ${index} is out of range for ${length} modules`);
}
