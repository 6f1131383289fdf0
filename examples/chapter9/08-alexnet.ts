// 9.2: AlexNet, defined layer by layer, and a forward pass.
import { Conv2d, Linear, Module } from 'wgrad/nn';
import { createDevice, dropout, maxPool2d, randn, relu, type Tensor } from 'wgrad/node';
import { programArguments } from './arguments.ts';

class AlexNet extends Module {
  // all layers with learning parameters
  readonly conv1 = new Conv2d(3, 96, 11, { stride: 4, padding: 2 });
  readonly conv2 = new Conv2d(96, 256, 5, { padding: 2 });
  readonly conv3 = new Conv2d(256, 384, 3, { padding: 1 });
  readonly conv4 = new Conv2d(384, 384, 3, { padding: 1 });
  readonly conv5 = new Conv2d(384, 256, 3, { padding: 1 });
  readonly fc1 = new Linear(256 * 6 * 6, 4096);
  readonly fc2 = new Linear(4096, 4096);
  readonly fc3 = new Linear(4096, 1000);

  protected override forward(images: Tensor): Tensor {
    let x = this.conv1.call(images);
    x = relu(x);
    x = maxPool2d(x, 3, { stride: 2 });

    x = this.conv2.call(x);
    x = relu(x);
    x = maxPool2d(x, 3, { stride: 2 });

    x = this.conv3.call(x);
    x = relu(x);

    x = this.conv4.call(x);
    x = relu(x);

    x = this.conv5.call(x);
    x = relu(x);
    x = maxPool2d(x, 3, { stride: 2 });

    x = x.reshape([-1, 256 * 6 * 6]);
    x = this.fc1.call(x);
    x = relu(x);
    x = dropout(x, 0.5, { training: this.training }); // the chapter's F.dropout(x, 0.5) drops in inference too

    x = this.fc2.call(x);
    x = relu(x);
    x = dropout(x, 0.5, { training: this.training });

    x = this.fc3.call(x);
    return x;
  }
}

programArguments();
const device = await createDevice();
const net = new AlexNet().to(device);

// a forward pass
const x = randn(device, [4, 3, 224, 224]);
const out = device.noGrad(() => net.call(x));
await device.idle();
console.log(`torch.Size([${out.shape.join(', ')}])`);
