// Winograd F(4x4, 3x3), first step: V = B' d B for every 6x6 piece d of x. Pieces overlap by two; each serves 4x4 pixels
// of y. A thread takes one piece of four channels.
struct Params {
  threads: u32,      // tiles * channels
  tiles: u32,        // images * tileRows * tileColumns
  tileRows: u32,     // of an image
  tileColumns: u32,
  channels: u32,     // in fours
  height: u32,
  width: u32,
  paddingHeight: u32,
  paddingWidth: u32,
}

@group(0) @binding(0) var<storage, read> x: array<vec4f>;                   // [n, h, w, c / 4]
@group(0) @binding(1) var<storage, read_write> transformed: array<vec4f>;  // [36, tiles, c / 4]
@group(0) @binding(2) var<uniform> params: Params;

override WORKGROUP_SIZE: u32 = 64;

fn forth(d: array<vec4f, 6>) -> array<vec4f, 6> {
  let even = d[4] - 4f * d[2];
  let odd = d[3] - 4f * d[1];
  let evenToo = d[4] - d[2];
  let oddToo = 2f * (d[3] - d[1]);
  return array(
    4f * d[0] - 5f * d[2] + d[4],
    even + odd,
    even - odd,
    evenToo + oddToo,
    evenToo - oddToo,
    4f * d[1] - 5f * d[3] + d[5],
  );
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = (workgroup.y * workgroups.x + workgroup.x) * WORKGROUP_SIZE + lane;
  if (index >= params.threads) {
    return;
  }
  let channel = index % params.channels;
  let tile = index / params.channels;
  let left = tile % params.tileColumns * 4u - params.paddingWidth;  // wraps below zero
  let top = tile / params.tileColumns % params.tileRows * 4u - params.paddingHeight;
  let image = tile / (params.tileColumns * params.tileRows);
  // loops that stay loops, with arrays between them: a store for each of 36 values takes seconds to compile
  let six = min(6u, params.threads * 6u);
  var rows: array<array<vec4f, 6>, 6>;
  for (var i = 0u; i < six; i++) {
    let h = top + i;
    let start = (image * params.height + h) * params.width;
    var d: array<vec4f, 6>;
    for (var j = 0u; j < 6u; j++) {
      let w = left + j;
      d[j] = select(vec4f(), x[(start + w) * params.channels + channel], h < params.height && w < params.width);
    }
    rows[i] = forth(d);
  }
  for (var j = 0u; j < six; j++) {
    let v = forth(array(rows[0][j], rows[1][j], rows[2][j], rows[3][j], rows[4][j], rows[5][j]));
    for (var i = 0u; i < 6u; i++) {
      transformed[((i * 6u + j) * params.tiles + tile) * params.channels + channel] = v[i];
    }
  }
}
