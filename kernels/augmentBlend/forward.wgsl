// Each level moved away from, or towards, black, the picture's mean luma or the pixel's own luma: one thread per pixel.
// The table of a sample holds the float32 products factor * difference, split so that integers can finish the sum.
struct Params {
  outputs: u32,      // pixels of this launch
  firstSample: u32,  // of this launch
  pixels: u32,       // of a picture
}

@group(0) @binding(0) var<storage, read> x: array<u32>;             // [n, h, w], red in the lowest byte
@group(0) @binding(1) var<storage, read> plan: array<i32>;          // [n, 512]: kind, then differences from -255 to 255
@group(0) @binding(2) var<storage, read> means: array<u32>;         // [n]
@group(0) @binding(3) var<storage, read_write> y: array<u32>;       // [n, h, w]
@group(0) @binding(4) var<uniform> params: Params;

override WORKGROUP_SIZE: u32 = 64;

const NONE = 0;
const BRIGHTNESS = 1;
const CONTRAST = 2;

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
  let n = index / params.pixels + params.firstSample;
  let pixel = x[index];
  let kind = plan[n * 512u];
  if (kind == NONE) {
    y[index] = pixel;
    return;
  }
  var origin = 0i;
  if (kind == CONTRAST) {
    origin = i32(means[n]);
  } else if (kind != BRIGHTNESS) {
    origin = i32(luma_of(pixel));
  }
  var blended = 0u;
  for (var c = 0u; c < 3u; c++) {
    let level = i32((pixel >> (8u * c)) & 0xffu);
    blended |= sum_of(origin, plan[n * 512u + u32(256 + level - origin)]) << (8u * c);
  }
  y[index] = blended;
}

/// origin + product in float32, then cut to 0 … 255. An entry is 16 * (floor(product) + 256) + 1 + k: the sum rounds up
/// to the next integer where it is 2^k or more, since float32 is that coarse there.
fn sum_of(origin: i32, entry: i32) -> u32 {
  let whole = max(origin + (entry >> 4u) - 256, 0);
  let exponent = i32(firstLeadingBit(u32(whole))); // -1 for zero
  let isRoundedUp = exponent >= (entry & 15) - 1;
  return u32(min(whole + select(0, 1, isRoundedUp), 255));
}
