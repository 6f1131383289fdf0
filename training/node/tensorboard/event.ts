// TensorBoard's events as protocol buffers.
import { PbfWriter } from 'pbf';
import type { Histogram } from './histogram.ts';

/** One entry of an event file; field numbers are those of event.proto. */
export interface Event {
  /** Seconds since 1970. */
  readonly wallTime: number;
  readonly step?: number;
  readonly content: { readonly fileVersion: string } | { readonly tag: string; readonly value: Value };
}

export type Value =
  | { readonly scalar: number }
  | { readonly image: EncodedImage }
  | { readonly histogram: Histogram }
  | { readonly text: string };

export interface EncodedImage {
  readonly width: number;
  readonly height: number;
  /** 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA. */
  readonly colorspace: number;
  /** The bytes of a PNG file. */
  readonly encoded: Uint8Array;
}

const DT_STRING = 7;

/**
 * In the order of field numbers and without zeros, as protobuf itself writes them.
 * https://github.com/tensorflow/tensorboard/blob/master/tensorboard/compat/proto/event.proto and summary.proto beside it
 */
export function encodeEvent({ wallTime, step = 0, content }: Event): Uint8Array {
  const pbf = new PbfWriter();
  pbf.writeDoubleField(1, wallTime);
  if (step) pbf.writeVarintField(2, step);
  if ('fileVersion' in content) pbf.writeStringField(3, content.fileVersion);
  else pbf.writeMessage(5, (summary, out) => out.writeMessage(1, writeValue, summary), content);
  return pbf.finish();
}

function writeValue({ tag, value }: { tag: string; value: Value }, pbf: PbfWriter): void {
  pbf.writeStringField(1, tag);
  // part of a oneof, so zero is written too
  if ('scalar' in value) pbf.writeFloatField(2, value.scalar);
  else if ('image' in value) pbf.writeMessage(4, writeImage, value.image);
  else if ('histogram' in value) pbf.writeMessage(5, writeHistogram, value.histogram);
  else {
    pbf.writeMessage(8, writeTextTensor, value.text);
    // SummaryMetadata with PluginData: which plugin shows it
    pbf.writeMessage(9, (plugin, metadata) => metadata.writeMessage(1, writePluginName, plugin), 'text');
  }
}

function writeImage({ width, height, colorspace, encoded }: EncodedImage, pbf: PbfWriter): void {
  for (const [i, value] of [height, width, colorspace].entries()) pbf.writeVarintField(i + 1, value);
  pbf.writeBytesField(4, encoded);
}

function writeHistogram(histogram: Histogram, pbf: PbfWriter): void {
  const { min, max, num, sum, sumSquares, bucketLimit, bucket } = histogram;
  for (const [i, value] of [min, max, num, sum, sumSquares].entries()) {
    if (!Object.is(value, 0)) pbf.writeDoubleField(i + 1, value);
  }
  pbf.writePackedDouble(6, bucketLimit);
  pbf.writePackedDouble(7, bucket);
}

/** TensorProto: a vector of one string. */
function writeTextTensor(text: string, pbf: PbfWriter): void {
  pbf.writeVarintField(1, DT_STRING);
  pbf.writeMessage(2, (size, shape) => shape.writeMessage(2, writeDim, size), 1);
  pbf.writeStringField(8, text);
}

function writeDim(size: number, pbf: PbfWriter): void {
  pbf.writeVarintField(1, size);
}

function writePluginName(name: string, pbf: PbfWriter): void {
  pbf.writeStringField(1, name);
}
