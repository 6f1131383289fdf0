fn backward(y: Element, dy: Element) -> Element {
  return dy * y * (1.0 - y);
}
