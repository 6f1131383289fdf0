// What each output coordinate reads along one axis: the triangle filter of Pillow's resize, in its fixed point. All
// positions are integers in units of half an output pixel over the scale, so weights are exact fractions and round as
// Pillow's doubles do. One thread per coordinate; a row of the table is [first input, count, weight, weight, …].
struct Params {
  coordinates: u32,    // of the crop
  before: i32,         // resized coordinates before the crop's first; negative where the crop is padded
  inputs: u32,         // input coordinates
  resized: u32,        // resized coordinates
  inputScale: u32,     // inputs : resized in lowest terms
  resizedScale: u32,
  row: u32,            // elements of a table's row
}

@group(0) @binding(0) var<storage, read_write> taps: array<u32>;  // [coordinates, row]
@group(0) @binding(1) var<uniform> params: Params;

override WORKGROUP_SIZE: u32 = 64;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = (workgroup.y * workgroups.x + workgroup.x) * WORKGROUP_SIZE + lane;
  if (index >= params.coordinates) {
    return;
  }
  let at = index * params.row;
  let coordinate = i32(index) + params.before;
  if (coordinate < 0 || coordinate >= i32(params.resized)) {
    taps[at] = 0u;
    taps[at + 1u] = 0u; // outside the image: black
    return;
  }
  let step = i32(2u * params.resizedScale);
  let center = (2 * coordinate + 1) * i32(params.inputScale);
  let support = i32(2u * max(params.inputScale, params.resizedScale));
  let half = i32(params.resizedScale);
  let first = max(center - support + half, 0) / step;
  let end = min((center + support + half) / step, i32(params.inputs));
  var sum = 0u;
  for (var i = first; i < end; i++) {
    sum += height_at(i * step + half, center, support);
  }
  taps[at] = u32(first);
  taps[at + 1u] = u32(end - first);
  for (var i = first; i < end; i++) {
    taps[at + 2u + u32(i - first)] = fixed_point(height_at(i * step + half, center, support), sum);
  }
}

/// The triangle over `center`, zero from `support` on.
fn height_at(position: i32, center: i32, support: i32) -> u32 {
  return u32(max(support - abs(position - center), 0));
}

/// part / whole in units of 2^-22, rounded: a long division in digits of 8, 7 and 7 bits, for whole < 2^24.
fn fixed_point(part: u32, whole: u32) -> u32 {
  var quotient = 0u;
  var rest = part;
  for (var digit = 0u; digit < 3u; digit++) {
    let bits = select(7u, 8u, digit == 0u);
    rest <<= bits;
    quotient = (quotient << bits) + rest / whole;
    rest %= whole;
  }
  return quotient + select(0u, 1u, 2u * rest >= whole);
}
