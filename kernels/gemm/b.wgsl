// Operand B with any column step; four loads for four columns.
@group(0) @binding(1) var<storage, read> b: array<f32>;  // [slices, k, n] by params.bRow and bColumn

fn b_row(k: u32) -> u32 {
  return params.bOffset + slice * params.bSlice + k * params.bRow;
}

fn load_b4(row: u32, n: u32) -> vec4f {
  let step = params.bColumn;
  let start = row + n * step;
  return vec4f(b[start], b[start + step], b[start + 2u * step], b[start + 3u * step]);
}
