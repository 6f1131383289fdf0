// y > 0 exactly where x > 0; the gradient at zero is zero.
fn backward(y: Element, dy: Element) -> Element {
  return select(Element(0), dy, y > Element(0));
}
