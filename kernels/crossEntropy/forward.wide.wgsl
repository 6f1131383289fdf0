// One workgroup per row, for GPUs and many classes: a thousand classes are 16 reads one after the other instead of a
// thousand, and neighbouring lanes read neighbouring logits. Not yet measured on a GPU.
const LANES: u32 = 64u;

var<workgroup> largestOf: array<f32, LANES>;
var<workgroup> sumsOf: array<Sums, LANES>;

@compute @workgroup_size(LANES)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let row = workgroup.y * workgroups.x + workgroup.x;
  if (row >= params.rows) {
    return;
  }
  let base = row * params.classes;
  var largest = logits[base];
  for (var c = lane; c < params.classes; c += LANES) {
    largest = max(largest, logits[base + c]);
  }
  largestOf[lane] = largest;
  for (var half = LANES / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) {
      largestOf[lane] = max(largestOf[lane], largestOf[lane + half]);
    }
  }
  workgroupBarrier();
  largest = largestOf[0];

  var sums = Sums();
  for (var c = lane; c < params.classes; c += LANES) {
    sums = add_class(sums, logits[base + c] - largest, class_weight(c));
  }
  sumsOf[lane] = sums;
  for (var half = LANES / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) {
      let other = sumsOf[lane + half];
      sumsOf[lane].exponentials += other.exponentials;
      sumsOf[lane].weighted += other.weighted;
      sumsOf[lane].weights += other.weights;
    }
  }
  workgroupBarrier();
  if (lane == 0u) {
    finish_row(row, largest, sumsOf[0]);
  }
}
