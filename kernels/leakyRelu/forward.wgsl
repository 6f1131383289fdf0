fn forward(x: Element) -> Element {
  return select(params.negativeSlope * x, x, x > Element(0));
}
