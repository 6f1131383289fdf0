// Mean and squared deviations of some rows, and how two such sets combine: Chan, Golub and LeVeque (1979), "Updating
// formulae and a pairwise algorithm for computing sample variances". The mean is kept as one of the values (shift) plus
// a small offset: near 1e4 float32 steps by 1e-3, so a rounded mean alone would spoil a deviation of 1e-2.
alias Element = f32; // vec4f when the channels are a multiple of four
alias Bits = u32;    // vec4u then

struct Moments {
  rows: f32,
  shift: Element,
  offset: Element,   // mean - shift
  squares: Element,  // sum of (x - mean)^2
}

fn combine(a: Moments, b: Moments) -> Moments {
  let rows = a.rows + b.rows;
  let between = (b.shift - a.shift) + (b.offset - a.offset);
  let share = b.rows / rows;
  return Moments(
    rows,
    a.shift,
    a.offset + between * share,
    a.squares + b.squares + between * between * (a.rows * share),
  );
}

// Rows below `rows` that belong to a slab: every slabs-th, so that neighbouring threads read neighbouring rows.
fn rows_of_slab(rows: u32, slab: u32, slabs: u32) -> u32 {
  return (rows - slab + slabs - 1u) / slabs;
}

// Without the last bit, cut off as that of an integer: with a plain sum a driver that reorders floats would find that
// rounding lost nothing, (a - (a + b)) + b = 0.
fn shortened(value: Element) -> Element {
  return bitcast<Element>(bitcast<Bits>(value) & Bits(0xfffffffeu));
}
