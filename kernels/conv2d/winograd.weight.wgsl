// Winograd F(4x4, 3x3): U = G g G' for every 3x3 kernel g. A thread takes one input channel and four output channels.
struct Params {
  threads: u32,   // channels * outChannels / 4
  offset: u32,    // of the first weight, in fours
}

@group(0) @binding(0) var<storage, read> weight: array<vec4f>;              // [3, 3, channel, out / 4]
@group(0) @binding(1) var<storage, read_write> transformed: array<vec4f>;  // [36, channel, out / 4]
@group(0) @binding(2) var<uniform> params: Params;

override WORKGROUP_SIZE: u32 = 64;

fn forth(g: array<vec4f, 3>) -> array<vec4f, 6> {
  let ends = (g[0] + g[2]) / -6f;
  let middle = g[1] / -6f;
  let endsToo = g[0] / 24f + g[2] / 6f;
  let middleToo = g[1] / 12f;
  return array(g[0] / 4f, ends + middle, ends - middle, endsToo + middleToo, endsToo - middleToo, g[2]);
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
  // as in winograd.x.wgsl: bounds that the compiler does not know keep loops from being unrolled
  let three = min(3u, params.threads * 3u);
  let six = min(6u, params.threads * 6u);
  var rows: array<array<vec4f, 6>, 3>;
  for (var i = 0u; i < three; i++) {
    let start = params.offset + i * 3u * params.threads + index;
    rows[i] = forth(array(weight[start], weight[start + params.threads], weight[start + 2u * params.threads]));
  }
  for (var j = 0u; j < six; j++) {
    let u = forth(array(rows[0][j], rows[1][j], rows[2][j]));
    for (var i = 0u; i < 6u; i++) {
      transformed[(i * 6u + j) * params.threads + index] = u[i];
    }
  }
}
