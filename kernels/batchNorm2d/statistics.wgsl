// Training, first pass: one thread per slab of rows and channel. Sums are taken of x - shift with the slab's first value
// as the shift; since that is one of the values, cancellation costs at most a factor of the slab's rows.
struct Params {
  rows: u32,      // n * height * width of this piece
  start: u32,     // rows before it
  slabs: u32,
  channels: u32,  // in Elements
}

@group(0) @binding(0) var<storage, read> x: array<Element>;              // [rows, c]
@group(0) @binding(1) var<storage, read_write> shift: array<Element>;    // [slabs, c]
@group(0) @binding(2) var<storage, read_write> offset: array<Element>;   // [slabs, c]
@group(0) @binding(3) var<storage, read_write> squares: array<Element>;  // [slabs, c]
@group(0) @binding(4) var<uniform> params: Params;

override WORKGROUP_SIZE: u32 = 64;
/// 1 where the tensor is cut into pieces: a constant, so that the others need not compile what reads slabs back.
override CONTINUES: u32 = 0;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = (workgroup.y * workgroups.x + workgroup.x) * WORKGROUP_SIZE + lane;
  if (index >= params.slabs * params.channels) {
    return;
  }
  let c = index % params.channels;
  let slab = index / params.channels;
  let first = (slab + params.slabs - params.start % params.slabs) % params.slabs;
  if (first >= params.rows) {
    return;
  }
  var origin = Element(0);
  var sum = Element(0);
  var sumOfSquares = Element(0);
  for (var row = first; row < params.rows; row += params.slabs) {
    let value = x[row * params.channels + c];
    origin = select(origin, value, row == first); // one load in the text, not two: each costs an emulated GPU's compiler
    let deviation = value - origin;
    sum += deviation;
    sumOfSquares += deviation * deviation;
  }
  let count = f32(rows_of_slab(params.rows, first, params.slabs));
  var moments = Moments(count, origin, sum / count, max(sumOfSquares - sum * sum / count, Element(0)));
  if (CONTINUES == 1 && params.start > slab) { // an earlier piece began this slab
    let earlier = f32(rows_of_slab(params.start, slab, params.slabs));
    moments = combine(Moments(earlier, shift[index], offset[index], squares[index]), moments);
  }
  shift[index] = moments.shift;
  offset[index] = moments.offset;
  squares[index] = moments.squares;
}
