// The standard normal distribution and density, for gelu.

// 0.5 * erfc(z) for z >= 0: a Chebyshev fit with fractional error below 1.2e-7 everywhere (Numerical Recipes, 2nd ed.,
// section 6.2), so that tails are as exact relatively as the middle; float32 arithmetic adds about as much.
fn upper_tail(z: Element) -> Element {
  let t = 1.0 / (1.0 + 0.5 * z);
  var p = Element(0.17087277) * t - 0.82215223;
  p = p * t + 1.48851587;
  p = p * t - 1.13520398;
  p = p * t + 0.27886807;
  p = p * t - 0.18628806;
  p = p * t + 0.09678418;
  p = p * t + 0.37409196;
  p = p * t + 1.00002368;
  p = p * t - 1.26551223;
  return 0.5 * t * exp(p - z * z);
}

// P(X <= x)
fn normal_distribution(x: Element) -> Element {
  let z = min(abs(x) * 0.70710678, Element(10)); // beyond it float32 has only zeros; the square must not overflow
  let tail = upper_tail(z);
  return select(1.0 - tail, tail, x < Element(0));
}

fn normal_density(x: Element) -> Element {
  let bounded = min(abs(x), Element(15));
  return 0.39894228 * exp(-0.5 * bounded * bounded);
}
