// Four channels at a time: their winning taps share one word, a quarter of what four would take to write and read.
alias Element = vec4f;
alias Taps = vec4u;

fn packed(taps: Taps) -> u32 {
  let bytes = (taps & vec4u(0xffu)) << vec4u(0u, 8u, 16u, 24u);
  return bytes.x | bytes.y | bytes.z | bytes.w;
}

fn unpacked(word: u32) -> Taps {
  return (vec4u(word) >> vec4u(0u, 8u, 16u, 24u)) & vec4u(0xffu);
}
