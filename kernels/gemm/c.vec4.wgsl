// Result C with a multiple of four columns, the bias its sums start from, and the rectifier they end
// with.
@group(0) @binding(2) var<storage, read> bias: array<vec4f>;     // [n / 4]
@group(0) @binding(3) var<storage, read_write> c: array<vec4f>;  // [slices, m, n / 4]

fn initial4(n: u32) -> vec4f {
  return select(vec4f(), bias[(params.biasOffset + slice * params.biasSlice + n) / 4u], params.hasBias != 0u);
}

fn store4(m: u32, n: u32, sum: vec4f) {
  if (n < params.n) {
    c[(c_row(m) + n) / 4u] = finished(sum);
  }
}

fn finished(sum: vec4f) -> vec4f {
  return select(sum, vec4f(), (sum <= vec4f()) & vec4<bool>(params.relu != 0u)); // NaN stays NaN
}
