// y is 0 exactly where x <= 0; the gradient at zero is zero, and at NaN it passes, as in PyTorch.
fn backward(y: Element, dy: Element) -> Element {
  return select(dy, Element(0), y <= Element(0));
}
