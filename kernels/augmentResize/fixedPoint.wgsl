// Pillow's fixed point: weights of 22 bits, sums begun at one half and cut.
const PRECISION_BITS = 22u;
const HALF = 1i << (PRECISION_BITS - 1u);

fn levels_of(pixel: u32) -> vec3i {
  return vec3i(vec3u(pixel & 0xffu, (pixel >> 8u) & 0xffu, (pixel >> 16u) & 0xffu));
}

fn rounded(sum: vec3i) -> u32 {
  let levels = vec3u(clamp(sum >> vec3u(PRECISION_BITS), vec3i(0), vec3i(255)));
  return levels.x | (levels.y << 8u) | (levels.z << 16u);
}
