fn combine(dy: Element) -> Element {
  return -dy;
}
