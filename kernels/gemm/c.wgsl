// Result C with any number of columns, the bias its sums start from, and the rectifier they end with.
@group(0) @binding(2) var<storage, read> bias: array<f32>;     // [n]
@group(0) @binding(3) var<storage, read_write> c: array<f32>;  // [slices, m, n]

fn initial4(n: u32) -> vec4f {
  if (params.hasBias == 0u) {
    return vec4f();
  }
  let start = params.biasOffset + slice * params.biasSlice + n;
  return vec4f(bias[start], bias[start + 1u], bias[start + 2u], bias[start + 3u]);
}

fn store4(m: u32, n: u32, sum: vec4f) {
  let values = finished(sum);
  let start = c_row(m) + n;
  let columns = min(4u, params.n - min(n, params.n));
  for (var i = 0u; i < columns; i++) {
    c[start + i] = values[i];
  }
}

fn finished(sum: vec4f) -> vec4f {
  return select(sum, vec4f(), (sum <= vec4f()) & vec4<bool>(params.relu != 0u)); // NaN stays NaN
}
