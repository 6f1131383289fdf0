// The source of every architecture, inlined when the page is built.
import * as alexnet from '../../models/alexnet.ts' with { type: 'text' };
import * as googlenet from '../../models/googlenet.ts' with { type: 'text' };
import * as inception from '../../models/inception.ts' with { type: 'text' };
import * as inceptionResnet from '../../models/inceptionResnet.ts' with { type: 'text' };
import * as lenet from '../../models/lenet.ts' with { type: 'text' };
import * as mnistConvNet from '../../models/mnistConvNet.ts' with { type: 'text' };
import * as mobilenetV1 from '../../models/mobilenetV1.ts' with { type: 'text' };
import * as nin from '../../models/nin.ts' with { type: 'text' };
import * as resnet from '../../models/resnet.ts' with { type: 'text' };
import * as resnetCifar from '../../models/resnetCifar.ts' with { type: 'text' };
import * as squeezenet from '../../models/squeezenet.ts' with { type: 'text' };
import * as vgg from '../../models/vgg.ts' with { type: 'text' };

/** By file name. */
export const MODEL_SOURCES: Readonly<Record<string, string>> = {
  'alexnet.ts': textOf(alexnet),
  'googlenet.ts': textOf(googlenet),
  'inception.ts': textOf(inception),
  'inceptionResnet.ts': textOf(inceptionResnet),
  'lenet.ts': textOf(lenet),
  'mnistConvNet.ts': textOf(mnistConvNet),
  'mobilenetV1.ts': textOf(mobilenetV1),
  'nin.ts': textOf(nin),
  'resnet.ts': textOf(resnet),
  'resnetCifar.ts': textOf(resnetCifar),
  'squeezenet.ts': textOf(squeezenet),
  'vgg.ts': textOf(vgg),
};

/** TypeScript takes the import for the module's own; the bundler makes it a module with the text as its default. */
function textOf(imported: object): string {
  return (imported as { default: string }).default;
}
