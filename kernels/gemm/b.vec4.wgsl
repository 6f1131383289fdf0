// Operand B with contiguous columns in multiples of four: one load for four columns.
@group(0) @binding(1) var<storage, read> b: array<vec4f>;  // [slices, k, n / 4]

fn b_row(k: u32) -> u32 {
  return params.bOffset + slice * params.bSlice + k * params.bRow;
}

fn load_b4(row: u32, n: u32) -> vec4f {
  return b[(row + n) / 4u];
}
