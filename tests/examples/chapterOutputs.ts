// What the chapter prints, word for word, for the programs of examples/chapter9 to be held against.

const FEATURES: readonly string[] = [
  'Conv2d(3, 64, kernel_size=(11, 11), stride=(4, 4), padding=(2, 2))',
  'ReLU(inplace=True)',
  'MaxPool2d(kernel_size=3, stride=2, padding=0, dilation=1, ceil_mode=False)',
  'Conv2d(64, 192, kernel_size=(5, 5), stride=(1, 1), padding=(2, 2))',
  'ReLU(inplace=True)',
  'MaxPool2d(kernel_size=3, stride=2, padding=0, dilation=1, ceil_mode=False)',
  'Conv2d(192, 384, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))',
  'ReLU(inplace=True)',
  'Conv2d(384, 256, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))',
  'ReLU(inplace=True)',
  'Conv2d(256, 256, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))',
  'ReLU(inplace=True)',
  'MaxPool2d(kernel_size=3, stride=2, padding=0, dilation=1, ceil_mode=False)',
];

/** "classifier": the layers alone, as 9.7.3 prints them; the last has 1000 classes before it is modified. */
export const CLASSIFIER: readonly string[] = [
  'Dropout(p=0.5, inplace=False)',
  'Linear(in_features=9216, out_features=4096, bias=True)',
  'ReLU(inplace=True)',
  'Dropout(p=0.5, inplace=False)',
  'Linear(in_features=4096, out_features=4096, bias=True)',
  'ReLU(inplace=True)',
  'Linear(in_features=4096, out_features=1000, bias=True)',
];
const NEW_CLASSIFIER = CLASSIFIER.with(-1, 'Linear(in_features=4096, out_features=10, bias=True)');

/** print(alexnet), 9.7.1. */
export const ALEXNET = [
  'AlexNet(',
  '  (features): Sequential(',
  ...numbered(FEATURES, '    '),
  '  )',
  '  (avgpool): AdaptiveAvgPool2d(output_size=(6, 6))',
  '  (classifier): Sequential(',
  ...numbered(CLASSIFIER, '    '),
  '  )',
  ')',
].join('\n');

/** alexnet.named_children(), 9.7.3. */
export const CHILDREN = [
  'features Sequential(',
  ...numbered(FEATURES, '  '),
  ')',
  'avgpool AdaptiveAvgPool2d(output_size=(6, 6))',
  'classifier Sequential(',
  ...numbered(CLASSIFIER, '  '),
  ')',
].join('\n');

/** The classifier once its last layer is another, 9.7.3. */
export const MODIFIED = ['Sequential(', ...numbered(NEW_CLASSIFIER, '  '), ')'].join('\n');

/** Freeze parameters, 9.7.3; the chapter's page breaks the lines at 79 characters. */
export const FROZEN = [
  'features',
  ...FEATURES.map((layer, i) => `features ${i} ${layer} was frozen!`),
  'avgpool',
  'classifier',
  ...NEW_CLASSIFIER.slice(0, 6).map((layer, i) => `classifier ${i} ${layer} was frozen!`),
  `classifier 6 ${NEW_CLASSIFIER[6]} was NOT frozen!`,
].join('\n');

/** test_output_shape(), 9.4.3. */
export const NIN_SHAPES = `
Sequential output shape: 	 torch.Size([1, 96, 54, 54])
Dropout output shape: 	 torch.Size([1, 96, 54, 54])
MaxPool2d output shape: 	 torch.Size([1, 96, 26, 26])
Sequential output shape: 	 torch.Size([1, 256, 26, 26])
Dropout output shape: 	 torch.Size([1, 256, 26, 26])
MaxPool2d output shape: 	 torch.Size([1, 256, 12, 12])
Sequential output shape: 	 torch.Size([1, 384, 12, 12])
Dropout output shape: 	 torch.Size([1, 384, 12, 12])
MaxPool2d output shape: 	 torch.Size([1, 384, 5, 5])
Sequential output shape: 	 torch.Size([1, 1000, 5, 5])
AdaptiveAvgPool2d output shape: 	 torch.Size([1, 1000, 1, 1])
Flatten output shape: 	 torch.Size([1, 1000])
`.trim();

/** summary(alexnet, (3, 224, 224)), 9.7.1; spaces and rules aside. */
export const SUMMARY = `
Layer (type) Output Shape Param #
Conv2d-1 [-1, 64, 55, 55] 23,296
ReLU-2 [-1, 64, 55, 55] 0
MaxPool2d-3 [-1, 64, 27, 27] 0
Conv2d-4 [-1, 192, 27, 27] 307,392
ReLU-5 [-1, 192, 27, 27] 0
MaxPool2d-6 [-1, 192, 13, 13] 0
Conv2d-7 [-1, 384, 13, 13] 663,936
ReLU-8 [-1, 384, 13, 13] 0
Conv2d-9 [-1, 256, 13, 13] 884,992
ReLU-10 [-1, 256, 13, 13] 0
Conv2d-11 [-1, 256, 13, 13] 590,080
ReLU-12 [-1, 256, 13, 13] 0
MaxPool2d-13 [-1, 256, 6, 6] 0
AdaptiveAvgPool2d-14 [-1, 256, 6, 6] 0
Dropout-15 [-1, 9216] 0
Linear-16 [-1, 4096] 37,752,832
ReLU-17 [-1, 4096] 0
Dropout-18 [-1, 4096] 0
Linear-19 [-1, 4096] 16,781,312
ReLU-20 [-1, 4096] 0
Linear-21 [-1, 1000] 4,097,000
Total params: 61,100,840
Trainable params: 61,100,840
Non-trainable params: 0
Input size (MB): 0.57
Forward/backward pass size (MB): 8.38
Params size (MB): 233.08
Estimated Total Size (MB): 242.03
`.trim();

/** Of dir(models), 9.7.1: the networks that wgrad has too. */
export const LISTED_CLASSES = ['AlexNet', 'GoogLeNet', 'ResNet', 'SqueezeNet', 'VGG'];
export const LISTED_MODELS = [
  ...['alexnet', 'googlenet', 'resnet101', 'resnet152', 'resnet18', 'resnet34', 'resnet50', 'squeezenet1_0'],
  ...['squeezenet1_1', 'vgg11', 'vgg11_bn', 'vgg13', 'vgg13_bn', 'vgg16', 'vgg16_bn', 'vgg19', 'vgg19_bn'],
];

function numbered(layers: readonly string[], indent: string): string[] {
  return layers.map((layer, i) => `${indent}(${i}): ${layer}`);
}
