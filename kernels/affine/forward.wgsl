fn forward(x: Element) -> Element {
  return params.scale * x + params.shift;
}
