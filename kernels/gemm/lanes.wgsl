// The tall core's products: for each k four rows of A, which load_own4 loads from wherever they lie.
fn add_products(k: u32, steps: u32, quads: u32) {
  for (var source = 0u; source < steps; source++) {
    let a = load_own4(k + source);
    for (var j = 0u; j < QUADS; j++) {
      if (j < quads) {
        let value = subgroupShuffle(columns[j], source);
        for (var i = 0u; i < ROWS; i++) {
          sums[i][j] = fma(vec4f(a[i]), value, sums[i][j]);
        }
      }
    }
  }
}
