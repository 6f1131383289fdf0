// Where the data sets are published: the addresses and hashes that torchvision 0.14 lists, and mirrors of the same bytes.
import type { DatasetFile } from './download/fetchFile.ts';

const MNIST_MIRRORS = [
  'https://ossci-datasets.s3.amazonaws.com/mnist/',
  'https://storage.googleapis.com/cvdf-datasets/mnist/',
  'http://yann.lecun.com/exdb/mnist/',
];
const FASHION_MIRRORS = [
  'http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/',
  'https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/',
];
const EMNIST_MIRRORS = [
  'https://biometrics.nist.gov/cs_links/EMNIST/',
  'https://www.itl.nist.gov/iaui/vip/cs_links/EMNIST/',
];
const CIFAR_MIRRORS = ['https://www.cs.toronto.edu/~kriz/', 'https://cave.cs.toronto.edu/kriz/'];

const MiB = 2 ** 20;

/** The files of each set, below the folder of all sets, where torchvision puts them too. */
export const PUBLISHED_FILES = {
  mnist: [
    published('MNIST/raw/train-images-idx3-ubyte.gz', 'f68b3c2dcbeaaa9fbdd348bbdeb94873', MNIST_MIRRORS),
    published('MNIST/raw/train-labels-idx1-ubyte.gz', 'd53e105ee54ea40749a09fcbcd1e9432', MNIST_MIRRORS),
    published('MNIST/raw/t10k-images-idx3-ubyte.gz', '9fb629c4189551a2d022fa330f9573f3', MNIST_MIRRORS),
    published('MNIST/raw/t10k-labels-idx1-ubyte.gz', 'ec29112dd5afa0611ce80d1b7f02629c', MNIST_MIRRORS),
  ],
  'fashion-mnist': [
    published('FashionMNIST/raw/train-images-idx3-ubyte.gz', '8d4fb7e6c68d591d4c3dfef9ec88bf0d', FASHION_MIRRORS),
    published('FashionMNIST/raw/train-labels-idx1-ubyte.gz', '25c81989df183df01b3e8a0aad5dffbe', FASHION_MIRRORS),
    published('FashionMNIST/raw/t10k-images-idx3-ubyte.gz', 'bef4ecab320f06d8554ea6380940ec79', FASHION_MIRRORS),
    published('FashionMNIST/raw/t10k-labels-idx1-ubyte.gz', 'bb300cfdad3c16e7a12a480ee83cd310', FASHION_MIRRORS),
  ],
  emnist: [published('EMNIST/raw/gzip.zip', '58c8d27c78d21e728a6bc7b3cc06412e', EMNIST_MIRRORS, 1024 * MiB)],
  cifar10: [published('cifar-10-python.tar.gz', 'c58f30108f718f92721af3b95e74349a', CIFAR_MIRRORS, 256 * MiB)],
  cifar100: [published('cifar-100-python.tar.gz', 'eb9058c3a382ffc7106e4002c42a8d85', CIFAR_MIRRORS, 256 * MiB)],
} as const satisfies Record<string, readonly DatasetFile[]>;

export type PublishedSet = keyof typeof PUBLISHED_FILES;

function published(path: string, md5: string, mirrors: readonly string[], maxBytes = 64 * MiB): DatasetFile {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return { path, md5, maxBytes, urls: mirrors.map((mirror) => mirror + name) };
}
