// 9.4: Network in Network, and the shape after each of its layers.
import { AdaptiveAvgPool2d, Conv2d, Dropout, Flatten, init, MaxPool2d, Module, ReLU, Sequential } from 'wgrad/nn';
import { createDevice, type Device, rand, type Tensor } from 'wgrad/node';
import { programArguments } from './arguments.ts';

class NiN extends Module {
  readonly net: Sequential;

  constructor({ numLabels }: { numLabels: number }) {
    super();
    this.net = new Sequential(
      this.ninBlock(3, 96, 11, { stride: 4, padding: 0 }),
      new Dropout(0.5),
      new MaxPool2d(3, { stride: 2 }),
      this.ninBlock(96, 256, 5, { stride: 1, padding: 2 }),
      new Dropout(0.5),
      new MaxPool2d(3, { stride: 2 }),
      this.ninBlock(256, 384, 3, { stride: 1, padding: 1 }),
      new Dropout(0.5),
      new MaxPool2d(3, { stride: 2 }),
      this.ninBlock(384, numLabels, 3, { stride: 1, padding: 1 }),
      new AdaptiveAvgPool2d([1, 1]),
      new Flatten(),
    );
    this.initWeight();
  }

  protected override forward(x: Tensor): Tensor {
    return this.net.call(x);
  }

  initWeight(): void {
    // the chapter goes through this.net, whose layers are blocks, and so meets no convolution
    for (const layer of this.modules()) {
      if (!(layer instanceof Conv2d)) continue;
      init.kaimingNormal(layer.weight, { mode: 'fan_out', nonlinearity: 'relu' });
      init.constant(layer.bias!, 0);
    }
  }

  ninBlock(
    inChannels: number,
    outChannels: number,
    kernelSize: number,
    { stride, padding }: { stride: number; padding: number },
  ): Sequential {
    return new Sequential(
      new Conv2d(inChannels, outChannels, kernelSize, { stride, padding }),
      new ReLU(),
      new Conv2d(outChannels, outChannels, 1),
      new ReLU(),
      new Conv2d(outChannels, outChannels, 1),
      new ReLU(),
    );
  }

  testOutputShape(device: Device): void {
    let testImg = rand(device, [1, 3, 224, 224]);
    for (const layer of this.net) {
      testImg = layer.call(testImg);
      console.log(layer.constructor.name, 'output shape: \t', `torch.Size([${testImg.shape.join(', ')}])`);
    }
  }
}

programArguments();
const device = await createDevice();
const nin = new NiN({ numLabels: 1000 }).to(device);
nin.testOutputShape(device);
await device.idle();
