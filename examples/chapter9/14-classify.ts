// 9.7.2: what pretrained AlexNet sees in a photograph, DIR/photos/dog.jpg.
// --quick takes MobileNetV1 0.25, whose ImageNet weights have 2 MB.
import { join } from 'node:path';
import { CenterCrop, Compose, Normalize, Random, Resize, type TensorImage, ToTensor } from 'wgrad/datasets';
import { loadImage } from 'wgrad/datasets/node';
import { IMAGENET_CLASSES as classes } from 'wgrad/models';
import { createDevice } from 'wgrad/node';
import { dataFolder, programArguments } from './arguments.ts';
import { pretrained } from './pretrained.ts';

const options = programArguments();
const photo = join(dataFolder(options, 'a photograph, photos/dog.jpg'), 'photos', 'dog.jpg');
const model = await pretrained(options.quick ? 'mobilenet_v1_025' : 'alexnet', options);

// prepare image data
const img = await loadImage(photo);
const transform = new Compose([
  new Resize(256),
  new CenterCrop(224),
  new ToTensor(),
  new Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
]);
const { data, shape } = transform.call(img, new Random(0)) as TensorImage; // nothing in it is random
const device = await createDevice();
const batch = device.tensor(data, [1, ...shape]);

// run inference for the image
model.to(device).eval();
const out = device.noGrad(() => model.call(batch));
console.log(`torch.Size([${out.shape.join(', ')}])`);

// the class of the maximal output
const [index] = await out.argmax(1).data();
const percentage = await out.softmax(1).mul(100).data();
console.log(classes[index], percentage[index]);

// the top-5 classes
const indices = [...percentage.keys()].sort((a, b) => percentage[b] - percentage[a]);
console.log(indices.slice(0, 5).map((idx) => [classes[idx], percentage[idx]]));
