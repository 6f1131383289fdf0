// Nine tiles: the picture, then its feature maps, read where wgrad left them.

const SIDE = 96u;
const FILTERS = 8u;
const SCALE = 2u;
const LOW = vec3f(0.05, 0.06, 0.12);
const HIGH = vec3f(1.0, 0.85, 0.45);

@group(0) @binding(0) var<storage, read> picture: array<f32>;  // [SIDE, SIDE]
@group(0) @binding(1) var<storage, read> maps: array<f32>;     // [SIDE, SIDE, FILTERS]: channels-last

// one triangle that covers the canvas
@vertex
fn corner(@builtin(vertex_index) i: u32) -> @builtin(position) vec4f {
  return vec4f(vec2f(f32(i & 1u), f32(i >> 1u)) * 4.0 - 1.0, 0.0, 1.0);
}

@fragment
fn color(@builtin(position) position: vec4f) -> @location(0) vec4f {
  let at = vec2u(position.xy) / SCALE;
  let tile = at / SIDE;
  let pixel = at % SIDE;
  let place = pixel.y * SIDE + pixel.x;
  let index = tile.y * 3u + tile.x;
  if (index == 0u) { return vec4f(vec3f(picture[place]), 1.0); }
  let value = clamp(maps[place * FILTERS + index - 1u], 0.0, 1.0);
  return vec4f(mix(LOW, HIGH, value), 1.0);
}
