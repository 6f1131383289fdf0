// Writes a PyTorch checkpoint (`.pth`, the zip format since 1.6) that torch.load(…, weights_only=True) reads.
import { type Shape, sizeOf } from '../../kernels/definition.ts';
import { ShapeError } from '../../kernels/errors.ts';
import { Opcode } from './pickle/opcode.ts';
import { PickleWriter } from './pickle/pickleWriter.ts';
import { type EntryToZip, zipStream } from './pytorch/zipStream.ts';
import { type StoredDType, tensorBytes } from './storedDType.ts';
import { bytesToWrite, type ReadableTensor, type TensorsToWrite } from './tensorsToWrite.ts';

export interface WritePthOptions {
  /** Texts by name. With some, the file holds a dict of `state_dict` and these; default: the state dict alone. */
  metadata?: Readonly<Record<string, string>>;
}

/**
 * The bytes of a `.pth` file in order, at most one tensor in memory: an OrderedDict of contiguous tensors, each with a
 * storage of its own. Every dtype stays as it is.
 * @throws ShapeError for uint16, uint32 and uint64, which PyTorch before 2.3 has no storages for, and for metadata called
 *   `state_dict`; FormatError when a tensor's bytes do not fit its shape
 */
export async function* writePth(
  tensors: TensorsToWrite,
  { metadata = {} }: WritePthOptions = {},
): AsyncGenerator<Uint8Array> {
  const pickle = pickleOf(tensors, metadata);
  const storages = [...tensors].map(
    ([name, tensor], key): EntryToZip => ({
      name: `${FOLDER}/data/${key}`,
      size: tensorBytes(tensor.dtype, tensor.shape),
      read: () => bytesToWrite(name, tensor),
    }),
  );
  yield* zipStream([
    entry('data.pkl', pickle),
    entry('byteorder', new TextEncoder().encode('little')), // read by PyTorch from 2.1 on
    ...storages,
    entry('version', new TextEncoder().encode('3\n')),
  ]);
}

/** Any name will do; this is what torch.save writes to a stream. */
const FOLDER = 'archive';

const STORAGES: Readonly<Partial<Record<StoredDType, string>>> = {
  float32: 'FloatStorage',
  float64: 'DoubleStorage',
  float16: 'HalfStorage',
  bfloat16: 'BFloat16Storage',
  int64: 'LongStorage',
  int32: 'IntStorage',
  int16: 'ShortStorage',
  int8: 'CharStorage',
  uint8: 'ByteStorage',
  bool: 'BoolStorage',
};

const WRAPPER = 'state_dict';

function entry(name: string, bytes: Uint8Array): EntryToZip {
  return { name: `${FOLDER}/${name}`, size: bytes.length, read: async () => bytes };
}

function pickleOf(tensors: TensorsToWrite, metadata: Readonly<Record<string, string>>): Uint8Array {
  const pickle = new PickleWriter();
  if (!Object.keys(metadata).length) return stateDict(pickle, tensors).finish();
  if (Object.hasOwn(metadata, WRAPPER)) throw new ShapeError(`writePth: metadata cannot be called ${WRAPPER}`);
  pickle.do(Opcode.EMPTY_DICT).items(() => {
    stateDict(pickle.text(WRAPPER), tensors);
    for (const [name, text] of Object.entries(metadata)) pickle.text(name).text(text);
  });
  return pickle.finish();
}

function stateDict(pickle: PickleWriter, tensors: TensorsToWrite): PickleWriter {
  return pickle.orderedDict().items(() => {
    for (const [key, [name, tensor]] of [...tensors].entries()) putTensor(pickle.text(name), name, tensor, key);
  });
}

/** torch._utils._rebuild_tensor_v2(storage, offset, shape, strides, requires_grad, hooks) */
function putTensor(
  pickle: PickleWriter,
  name: string,
  tensor: Pick<ReadableTensor, 'dtype' | 'shape'>,
  key: number,
): void {
  const { dtype, shape } = tensor;
  const storage = STORAGES[dtype];
  if (!storage) {
    const able = Object.keys(STORAGES).join(', ');
    throw new ShapeError(
      `writePth: '${name}' is ${dtype}; PyTorch before 2.3 has ${able} only. safetensors can hold it`,
    );
  }
  pickle.global('torch._utils', '_rebuild_tensor_v2').tuple(() => {
    pickle.tuple(() => {
      pickle.text('storage').global('torch', storage).text(String(key)).text('cpu');
      pickle.int(sizeOf(shape));
    });
    pickle.do(Opcode.BINPERSID).int(0).ints(shape).ints(contiguousStrides(shape));
    pickle.do(Opcode.NEWFALSE).orderedDict();
  });
  pickle.do(Opcode.REDUCE);
}

/** In elements, as PyTorch counts them: an extent of 0 counts as 1. */
function contiguousStrides(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  for (let i = shape.length - 1, stride = 1; i >= 0; i--) {
    strides[i] = stride;
    stride *= Math.max(1, shape[i]);
  }
  return strides;
}
