// dx = backward(saved, dy), element by element. `saved` is x or y, whichever the room kept.
alias Element = f32; // vec4f when the number of elements is a multiple of four

@group(0) @binding(0) var<storage, read> saved: array<Element>;
@group(0) @binding(1) var<storage, read> dy: array<Element>;
@group(0) @binding(2) var<storage, read_write> dx: array<Element>;
@group(0) @binding(3) var<uniform> params: Params;

override WORKGROUP_SIZE: u32 = 64;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  // a workgroup's block of neighbours; on GPUs it is one turn
  let groups = workgroups.x * workgroups.y;
  let block = (params.elements + groups * WORKGROUP_SIZE - 1u) / (groups * WORKGROUP_SIZE) * WORKGROUP_SIZE;
  let first = (workgroup.y * workgroups.x + workgroup.x) * block;
  let end = min(first + block, params.elements);
  for (var index = first + lane; index < end; index += WORKGROUP_SIZE) {
    dx[index] = backward(saved[index], dy[index]);
  }
}
