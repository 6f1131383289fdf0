// Needs x itself: with a negative slope the sign of y tells nothing.
fn backward(x: Element, dy: Element) -> Element {
  return select(params.negativeSlope * dy, dy, x > Element(0));
}
