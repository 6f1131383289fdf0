// A program that uses every subpath for Node.
import { decodeImage, loadMnist } from 'wgrad/datasets/node';
import { createModel } from 'wgrad/models';
import { fetchWeights } from 'wgrad/models/node';
import { createDevice, type Device, openCheckpoint, writeCheckpoint } from 'wgrad/node';
import { fineTune, type RunOptions, run, TensorBoardWriter, transformedSource } from 'wgrad/training/node';

export async function program(options: Omit<RunOptions, 'device'>): Promise<readonly string[]> {
  const device: Device = await createDevice();
  const { files } = await run({ ...options, device });
  const checkpoint = await openCheckpoint(files[0]);
  await checkpoint.close();
  const train = await loadMnist('folder');
  await fineTune(createModel('lenet5'), { train, test: train }, { device, cache: 'disk' });
  const writer = new TensorBoardWriter('folder');
  console.log(decodeImage, fetchWeights, transformedSource, writeCheckpoint, writer.path);
  return files;
}
