// Winograd F(4x4, 3x3), last step: y = A' M A for every tile, where M is the product of transformed x and weight; and the
// bias. A thread takes one tile of four channels.
struct Params {
  threads: u32,      // tiles * channels
  tiles: u32,
  tileRows: u32,     // of an image
  tileColumns: u32,
  channels: u32,     // of y, in fours
  height: u32,       // of y
  width: u32,
  hasBias: u32,
  relu: u32,         // 1: max(y, 0) is stored
}

@group(0) @binding(0) var<storage, read> products: array<vec4f>;  // [36, tiles, out / 4]
@group(0) @binding(1) var<storage, read> bias: array<vec4f>;      // [out / 4]
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;   // [n, h, w, out / 4]
@group(0) @binding(3) var<uniform> params: Params;

override WORKGROUP_SIZE: u32 = 64;

fn back(m: array<vec4f, 6>) -> array<vec4f, 4> {
  let sum = m[1] + m[2];
  let difference = m[1] - m[2];
  let sumToo = m[3] + m[4];
  let differenceToo = m[3] - m[4];
  return array(
    m[0] + sum + sumToo,
    difference + 2f * differenceToo,
    sum + 4f * sumToo,
    difference + 8f * differenceToo + m[5],
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
  let left = tile % params.tileColumns * 4u;
  let top = tile / params.tileColumns % params.tileRows * 4u;
  let image = tile / (params.tileColumns * params.tileRows);
  let six = min(6u, params.threads * 6u); // keeps the loop a loop
  var columns: array<array<vec4f, 4>, 6>;
  for (var j = 0u; j < six; j++) {
    var m: array<vec4f, 6>;
    for (var i = 0u; i < 6u; i++) {
      m[i] = products[((i * 6u + j) * params.tiles + tile) * params.channels + channel];
    }
    columns[j] = back(m);
  }
  let start = select(vec4f(), bias[channel], params.hasBias != 0u);
  for (var i = 0u; i < min(4u, params.height - top); i++) {
    let row = back(
      array(columns[0][i], columns[1][i], columns[2][i], columns[3][i], columns[4][i], columns[5][i]),
    );
    let first = ((image * params.height + top + i) * params.width + left) * params.channels + channel;
    for (var j = 0u; j < 4u; j++) {
      if (left + j < params.width) {
        let value = row[j] + start;
        let isStopped = (value <= vec4f()) & vec4<bool>(params.relu != 0u);
        y[first + j * params.channels] = select(value, vec4f(), isStopped);
      }
    }
  }
}
