// Result C += A B with any column step: pieces of a product whose k was cut by the binding limit, and gradients of
// matrices that were permuted.
@group(0) @binding(2) var<storage, read> bias: array<f32>;     // [n]; only the first piece adds it
@group(0) @binding(3) var<storage, read_write> c: array<f32>;  // [slices, m, n] by params.cRow and cColumn

fn initial4(n: u32) -> vec4f {
  if (params.hasBias == 0u) {
    return vec4f();
  }
  let start = params.biasOffset + slice * params.biasSlice + n;
  return vec4f(bias[start], bias[start + 1u], bias[start + 2u], bias[start + 3u]);
}

fn store4(m: u32, n: u32, sum: vec4f) {
  let start = c_row(m) + n * params.cColumn;
  let columns = min(4u, params.n - min(n, params.n));
  for (var i = 0u; i < columns; i++) {
    let at = start + i * params.cColumn;
    let whole = sum[i] + select(c[at], 0f, params.isFirst != 0u);
    c[at] = select(whole, 0f, whole <= 0f && params.relu != 0u); // NaN stays NaN
  }
}
