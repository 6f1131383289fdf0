// What COCO's annotations are of: categories as a file lists them, and the 80 of COCO 2014 to 2017.

/** A category of a file; `index` counts them without gaps, as classes are counted. */
export interface CocoCategory {
  readonly id: number;
  /** Place among the categories in order of id: what a network predicts. */
  readonly index: number;
  readonly name: string;
  readonly supercategory: string;
  /** Names of the points that are annotated; empty where there are none. */
  readonly keypoints: readonly string[];
  /** Points joined by lines, counted from 0 (files count from 1). */
  readonly skeleton: readonly (readonly [from: number, to: number])[];
}

/** The 80 categories of COCO in order of id; their ids run to 90, with gaps. https://cocodataset.org/#explore */
export const COCO_CATEGORIES: readonly CocoCategory[] = table([
  ['person', 1, ['person']],
  ['vehicle', 2, ['bicycle', 'car', 'motorcycle', 'airplane', 'bus', 'train', 'truck', 'boat']],
  ['outdoor', 10, ['traffic light', 'fire hydrant', '', 'stop sign', 'parking meter', 'bench']],
  ['animal', 16, ['bird', 'cat', 'dog', 'horse', 'sheep', 'cow', 'elephant', 'bear', 'zebra', 'giraffe']],
  ['accessory', 27, ['backpack', 'umbrella', '', '', 'handbag', 'tie', 'suitcase']],
  ['sports', 34, ['frisbee', 'skis', 'snowboard', 'sports ball', 'kite', 'baseball bat', 'baseball glove']],
  ['sports', 41, ['skateboard', 'surfboard', 'tennis racket']],
  ['kitchen', 44, ['bottle', '', 'wine glass', 'cup', 'fork', 'knife', 'spoon', 'bowl']],
  ['food', 52, ['banana', 'apple', 'sandwich', 'orange', 'broccoli', 'carrot', 'hot dog', 'pizza', 'donut', 'cake']],
  ['furniture', 62, ['chair', 'couch', 'potted plant', 'bed', '', 'dining table', '', '', 'toilet']],
  ['electronic', 72, ['tv', 'laptop', 'mouse', 'remote', 'keyboard', 'cell phone']],
  ['appliance', 78, ['microwave', 'oven', 'toaster', 'sink', 'refrigerator']],
  ['indoor', 84, ['book', 'clock', 'vase', 'scissors', 'teddy bear', 'hair drier', 'toothbrush']],
]);

/** The 17 points of a person, in the order of the files. */
function personKeypoints(): string[] {
  const pairs = ['eye', 'ear', 'shoulder', 'elbow', 'wrist', 'hip', 'knee', 'ankle'];
  return ['nose', ...pairs.flatMap((part) => [`left_${part}`, `right_${part}`])];
}

/** As person_keypoints_train2017.json has it, less one. */
function personSkeleton(): [number, number][] {
  const legs: [number, number][] = [
    [15, 13],
    [13, 11],
    [16, 14],
    [14, 12],
    [11, 12],
  ];
  const trunkAndArms: [number, number][] = [
    [5, 11],
    [6, 12],
    [5, 6],
    [5, 7],
    [6, 8],
    [7, 9],
    [8, 10],
  ];
  const head: [number, number][] = [
    [1, 2],
    [0, 1],
    [0, 2],
    [1, 3],
    [2, 4],
    [3, 5],
    [4, 6],
  ];
  return [...legs, ...trunkAndArms, ...head];
}

/** Names from an id on; an empty name is an id that no category has. */
function table(rows: readonly [supercategory: string, firstId: number, names: readonly string[]][]): CocoCategory[] {
  const named = rows.flatMap(([supercategory, firstId, names]) =>
    names.map((name, i) => ({ id: firstId + i, name, supercategory })),
  );
  return named
    .filter(({ name }) => name !== '')
    .map((category, index) => {
      const isPerson = category.name === 'person';
      return {
        ...category,
        index,
        keypoints: isPerson ? personKeypoints() : [],
        skeleton: isPerson ? personSkeleton() : [],
      };
    });
}
