// Which elements the rectifier behind the batch norm let through, found again from whatever is cheapest to read.
alias Element = f32; // vec4f when the channels are a multiple of four

const FROM_X: u32 = 1u; // y was x's own value: computed again, one load fewer than reading y
const FROM_Y: u32 = 2u; // a residual was added, or x is not at hand

// The gradient at zero is zero, and at NaN it passes, as in relu.
fn let_through(dy: Element, value: Element) -> Element {
  return select(dy, Element(0), value <= Element(0));
}
