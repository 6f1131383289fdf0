// Many slabs into a few, so that no thread of the last merge walks thousands of them. Slabs are a multiple of groups, so
// a group holds every groups-th row: the same rule as for slabs.
struct Params {
  rows: u32,      // n * height * width
  slabs: u32,
  groups: u32,
  channels: u32,  // in Elements
}

@group(0) @binding(0) var<storage, read> shift: array<Element>;               // [slabs, c]
@group(0) @binding(1) var<storage, read> offset: array<Element>;              // [slabs, c]
@group(0) @binding(2) var<storage, read> squares: array<Element>;             // [slabs, c]
@group(0) @binding(3) var<storage, read_write> groupShift: array<Element>;    // [groups, c]
@group(0) @binding(4) var<storage, read_write> groupOffset: array<Element>;   // [groups, c]
@group(0) @binding(5) var<storage, read_write> groupSquares: array<Element>;  // [groups, c]
@group(0) @binding(6) var<uniform> params: Params;

override WORKGROUP_SIZE: u32 = 64;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = (workgroup.y * workgroups.x + workgroup.x) * WORKGROUP_SIZE + lane;
  if (index >= params.groups * params.channels) {
    return;
  }
  let c = index % params.channels;
  var moments = Moments();
  for (var slab = index / params.channels; slab < params.slabs; slab += params.groups) {
    let at = slab * params.channels + c;
    let rows = f32(rows_of_slab(params.rows, slab, params.slabs));
    let next = Moments(rows, shift[at], offset[at], squares[at]);
    if (moments.rows == 0) {
      moments = next;
    } else {
      moments = combine(moments, next);
    }
  }
  groupShift[index] = moments.shift;
  groupOffset[index] = moments.offset;
  groupSquares[index] = moments.squares;
}
