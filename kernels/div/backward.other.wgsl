// Two divisions, as the square of a large divisor overflows.
fn combine(dy: Element, x: Element, other: Element) -> Element {
  return -dy * (x / other) / other;
}
