fn backward(x: Element, dy: Element) -> Element {
  // beyond 30 the slope is exactly 0 or 1; no clamp(), which may turn NaN into a number
  let bounded = select(x, sign(x) * 30.0, abs(x) > Element(30));
  let square = bounded * bounded;
  let t = stable_tanh(0.79788456 * (bounded + 0.044715 * square * bounded));
  let slope = 0.79788456 * (1.0 + 0.134145 * square);
  return dy * (0.5 * (1.0 + t) + 0.5 * bounded * (1.0 - t * t) * slope);
}
