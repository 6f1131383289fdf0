// Where the first NaN, the first Infinity and the first -Infinity of x lie: found[slot], [slot + 1] and [slot + 2] become
// the least such index. By bit patterns: a compiler may take for granted that floats are finite.
alias Element = f32;

struct Params {
  elements: u32,
  start: u32,
  slot: u32,
}

@group(0) @binding(0) var<storage, read> x: array<Element>;
@group(0) @binding(1) var<storage, read_write> found: array<atomic<u32>>;
@group(0) @binding(2) var<uniform> params: Params;

override WORKGROUP_SIZE: u32 = 64;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let groups = workgroups.x * workgroups.y;
  let block = (params.elements + groups * WORKGROUP_SIZE - 1u) / (groups * WORKGROUP_SIZE) * WORKGROUP_SIZE;
  let first = (workgroup.y * workgroups.x + workgroup.x) * block;
  let end = min(first + block, params.elements);
  for (var index = first + lane; index < end; index += WORKGROUP_SIZE) {
    let value = x[index];
    let bits = bitcast<u32>(value);
    if ((bits & 0x7f800000u) == 0x7f800000u) {
      let kind = select(1u + (bits >> 31u), 0u, (bits & 0x7fffffu) != 0u);
      atomicMin(&found[params.slot + kind], params.start + index);
    }
  }
}
