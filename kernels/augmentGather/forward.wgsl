// One thread per output pixel: which row and column of which image it shows is in the plan; the bytes of its channels
// lie in planes, four to a word, and leave as one word; a grey level leaves three times. Samples of images that this launch does not bind are left alone.
struct Params {
  outputs: u32,      // pixels of this launch
  firstSample: u32,  // of this launch
  firstImage: u32,   // of those bound
  imageCount: u32,
  imageWords: u32,   // words of an image
  channels: u32,     // 1 or 3
  height: u32,       // of an image
  width: u32,
  outHeight: u32,
  outWidth: u32,
  fill0: u32,
  fill1: u32,
  fill2: u32,
  fill3: u32,
}

@group(0) @binding(0) var<storage, read> images: array<u32>;       // [image, word]
@group(0) @binding(1) var<storage, read> plan: array<i32>;         // [n, 1 + oh + ow]: image, rows, columns
@group(0) @binding(2) var<storage, read_write> y: array<u32>;      // [n, oh, ow], red in the lowest byte
@group(0) @binding(3) var<uniform> params: Params;

override WORKGROUP_SIZE: u32 = 64;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = (workgroup.y * workgroups.x + workgroup.x) * WORKGROUP_SIZE + lane;
  if (index >= params.outputs) {
    return;
  }
  let ow = index % params.outWidth;
  let oh = (index / params.outWidth) % params.outHeight;
  let n = index / (params.outWidth * params.outHeight) + params.firstSample;
  let at = n * (1u + params.outHeight + params.outWidth);
  let image = u32(plan[at]) - params.firstImage; // wraps below zero, so one test sees both ends
  if (image >= params.imageCount) {
    return;
  }
  let row = plan[at + 1u + oh];
  let column = plan[at + 1u + params.outHeight + ow];
  if (row < 0 || column < 0) {
    y[index] = fill_of(u32(-1 - min(row, column)));
    return;
  }
  var pixel = 0u;
  var byte = u32(row) * params.width + u32(column);
  for (var c = 0u; c < params.channels; c++) {
    let word = images[image * params.imageWords + byte / 4u];
    pixel |= ((word >> (8u * (byte % 4u))) & 0xffu) << (8u * c);
    byte += params.height * params.width;
  }
  y[index] = select(pixel * 0x010101u, pixel, params.channels == 3u);
}
