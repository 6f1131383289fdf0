fn forward(x: Element) -> Element {
  return stable_tanh(x);
}
