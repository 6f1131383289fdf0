// 9.3: VGG16, with the convolutions of its five blocks written out.
import { Conv2d, Linear, Module, summary } from 'wgrad/nn';
import { createDevice, dropout, maxPool2d, randn, relu, type Tensor } from 'wgrad/node';
import { programArguments } from './arguments.ts';

class VGG16 extends Module {
  readonly conv1_1 = new Conv2d(3, 64, 3, { padding: 1 });
  readonly conv1_2 = new Conv2d(64, 64, 3, { padding: 1 });

  readonly conv2_1 = new Conv2d(64, 128, 3, { padding: 1 });
  readonly conv2_2 = new Conv2d(128, 128, 3, { padding: 1 });

  readonly conv3_1 = new Conv2d(128, 256, 3, { padding: 1 });
  readonly conv3_2 = new Conv2d(256, 256, 3, { padding: 1 });
  readonly conv3_3 = new Conv2d(256, 256, 3, { padding: 1 });

  readonly conv4_1 = new Conv2d(256, 512, 3, { padding: 1 });
  readonly conv4_2 = new Conv2d(512, 512, 3, { padding: 1 });
  readonly conv4_3 = new Conv2d(512, 512, 3, { padding: 1 });

  readonly conv5_1 = new Conv2d(512, 512, 3, { padding: 1 });
  readonly conv5_2 = new Conv2d(512, 512, 3, { padding: 1 });
  readonly conv5_3 = new Conv2d(512, 512, 3, { padding: 1 });

  readonly fc1 = new Linear(25088, 4096);
  readonly fc2 = new Linear(4096, 4096);
  readonly fc3 = new Linear(4096, 1000);

  protected override forward(images: Tensor): Tensor {
    let x = relu(this.conv1_1.call(images));
    x = relu(this.conv1_2.call(x));
    x = maxPool2d(x, 2); // [n, 64, 112, 112]
    // -----
    x = relu(this.conv2_1.call(x));
    x = relu(this.conv2_2.call(x));
    x = maxPool2d(x, 2); // [n, 128, 56, 56]
    // -----
    x = relu(this.conv3_1.call(x));
    x = relu(this.conv3_2.call(x));
    x = relu(this.conv3_3.call(x));
    x = maxPool2d(x, 2); // [n, 256, 28, 28]
    // -----
    x = relu(this.conv4_1.call(x));
    x = relu(this.conv4_2.call(x));
    x = relu(this.conv4_3.call(x));
    x = maxPool2d(x, 2); // [n, 512, 14, 14]
    // -----
    x = relu(this.conv5_1.call(x));
    x = relu(this.conv5_2.call(x));
    x = relu(this.conv5_3.call(x));
    x = maxPool2d(x, 2); // [n, 512, 7, 7]
    // -----
    x = x.reshape([x.shape[0], -1]);
    x = relu(this.fc1.call(x));
    x = dropout(x, 0.5, { training: this.training }); // against overfitting
    x = relu(this.fc2.call(x));
    x = dropout(x, 0.5, { training: this.training });
    x = this.fc3.call(x);
    return x;
  }
}

const { quick } = programArguments();
const net = new VGG16();
console.log(summary(net, [3, 224, 224]));

if (quick) console.log('\n(--quick: without the forward pass of an image, for which 138 million values are made)');
else {
  const device = await createDevice();
  net.to(device);
  const x = randn(device, [1, 3, 224, 224]);
  const out = device.noGrad(() => net.call(x));
  await device.idle();
  console.log(`\ntorch.Size([${out.shape.join(', ')}])`);
}
