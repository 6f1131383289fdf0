// tanh to 2e-7 relative for every argument: WGSL's own may be 1e-5 off and may overflow to NaN beyond 44.
// Cephes tanhf: an odd polynomial where 1 - 2 / (e^2x + 1) would cancel. https://www.netlib.org/cephes/
fn stable_tanh(x: Element) -> Element {
  let square = x * x;
  var p = Element(-5.70498872745e-3) * square + 2.06390887954e-2;
  p = p * square - 5.37397155531e-2;
  p = p * square + 1.33314422036e-1;
  p = p * square - 3.33332819422e-1;
  let near = p * square * x + x;
  // 1 - tanh(10) is below half a unit in the last place
  let far = 1.0 - 2.0 / (exp(2.0 * min(abs(x), Element(10))) + 1.0);
  return select(near, sign(x) * far, abs(x) >= Element(0.625)); // this way round NaN stays NaN
}
