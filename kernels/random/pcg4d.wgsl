// Four random words from a counter: PCG4D of Jarzynski and Olano, "Hash Functions for GPU Rendering", JCGT 9(3), 2020,
// https://jcgt.org/published/0009/03/02/ : among the hashes they compare the best of those that are this cheap.
// Stateless, so a launch may be cut anywhere and the backward pass draws the same numbers again.
fn random_words(seed: u32, stream: u32, counter: u32) -> vec4u {
  var v = vec4u(counter, stream, seed, 0u);
  v ^= v >> vec4u(16u); // ours: multiplication carries differences upwards only, so the high bits come down first
  v = v * 1664525u + 1013904223u;
  v.x += v.y * v.w;
  v.y += v.z * v.x;
  v.z += v.x * v.y;
  v.w += v.y * v.z;
  v ^= v >> vec4u(16u);
  v.x += v.y * v.w;
  v.y += v.z * v.x;
  v.z += v.x * v.y;
  v.w += v.y * v.z;
  return v;
}
