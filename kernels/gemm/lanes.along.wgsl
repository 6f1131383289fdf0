// The tall core's products for an A whose values lie in fours along k: a load of four is as dear as two of one.
fn add_products(k: u32, steps: u32, quads: u32) {
  for (var source = 0u; source < steps; source += 4u) {
    var a: array<vec4f, ROWS>;
    for (var i = 0u; i < ROWS; i++) {
      a[i] = load_along(own[i], k + source);
    }
    for (var j = 0u; j < QUADS; j++) {
      if (j < quads) {
        for (var place = 0u; place < 4u; place++) {
          let value = subgroupShuffle(columns[j], source + place);
          for (var i = 0u; i < ROWS; i++) {
            sums[i][j] = fma(vec4f(a[i][place]), value, sums[i][j]);
          }
        }
      }
    }
  }
}
