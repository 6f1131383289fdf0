// The classes of Cityscapes, as in its scripts and torchvision. https://www.cityscapes-dataset.com/

export interface CityscapesClass {
  readonly name: string;
  /** In `labelIds` and polygons' labels; -1 is drawn nowhere. */
  readonly id: number;
  /** In `labelTrainIds`; 255 is ignored in training, -1 drawn nowhere. */
  readonly trainId: number;
  readonly category: string;
  readonly categoryId: number;
  /** Whether its objects are told apart in `instanceIds`. */
  readonly hasInstances: boolean;
  readonly ignoreInEval: boolean;
  /** Red, green, blue. */
  readonly color: readonly [red: number, green: number, blue: number];
}

/** All 35, by id, the licence plate (-1) last. */
export const CITYSCAPES_CLASSES: readonly CityscapesClass[] = [
  entry('unlabeled', 0, 255, 'void', 0, false, true, [0, 0, 0]),
  entry('ego vehicle', 1, 255, 'void', 0, false, true, [0, 0, 0]),
  entry('rectification border', 2, 255, 'void', 0, false, true, [0, 0, 0]),
  entry('out of roi', 3, 255, 'void', 0, false, true, [0, 0, 0]),
  entry('static', 4, 255, 'void', 0, false, true, [0, 0, 0]),
  entry('dynamic', 5, 255, 'void', 0, false, true, [111, 74, 0]),
  entry('ground', 6, 255, 'void', 0, false, true, [81, 0, 81]),
  entry('road', 7, 0, 'flat', 1, false, false, [128, 64, 128]),
  entry('sidewalk', 8, 1, 'flat', 1, false, false, [244, 35, 232]),
  entry('parking', 9, 255, 'flat', 1, false, true, [250, 170, 160]),
  entry('rail track', 10, 255, 'flat', 1, false, true, [230, 150, 140]),
  entry('building', 11, 2, 'construction', 2, false, false, [70, 70, 70]),
  entry('wall', 12, 3, 'construction', 2, false, false, [102, 102, 156]),
  entry('fence', 13, 4, 'construction', 2, false, false, [190, 153, 153]),
  entry('guard rail', 14, 255, 'construction', 2, false, true, [180, 165, 180]),
  entry('bridge', 15, 255, 'construction', 2, false, true, [150, 100, 100]),
  entry('tunnel', 16, 255, 'construction', 2, false, true, [150, 120, 90]),
  entry('pole', 17, 5, 'object', 3, false, false, [153, 153, 153]),
  entry('polegroup', 18, 255, 'object', 3, false, true, [153, 153, 153]),
  entry('traffic light', 19, 6, 'object', 3, false, false, [250, 170, 30]),
  entry('traffic sign', 20, 7, 'object', 3, false, false, [220, 220, 0]),
  entry('vegetation', 21, 8, 'nature', 4, false, false, [107, 142, 35]),
  entry('terrain', 22, 9, 'nature', 4, false, false, [152, 251, 152]),
  entry('sky', 23, 10, 'sky', 5, false, false, [70, 130, 180]),
  entry('person', 24, 11, 'human', 6, true, false, [220, 20, 60]),
  entry('rider', 25, 12, 'human', 6, true, false, [255, 0, 0]),
  entry('car', 26, 13, 'vehicle', 7, true, false, [0, 0, 142]),
  entry('truck', 27, 14, 'vehicle', 7, true, false, [0, 0, 70]),
  entry('bus', 28, 15, 'vehicle', 7, true, false, [0, 60, 100]),
  entry('caravan', 29, 255, 'vehicle', 7, true, true, [0, 0, 90]),
  entry('trailer', 30, 255, 'vehicle', 7, true, true, [0, 0, 110]),
  entry('train', 31, 16, 'vehicle', 7, true, false, [0, 80, 100]),
  entry('motorcycle', 32, 17, 'vehicle', 7, true, false, [0, 0, 230]),
  entry('bicycle', 33, 18, 'vehicle', 7, true, false, [119, 11, 32]),
  entry('license plate', -1, -1, 'vehicle', 7, false, true, [0, 0, 142]),
];

/** A row as torchvision writes it. */
function entry(
  name: string,
  id: number,
  trainId: number,
  category: string,
  categoryId: number,
  hasInstances: boolean,
  ignoreInEval: boolean,
  color: CityscapesClass['color'],
): CityscapesClass {
  return { name, id, trainId, category, categoryId, hasInstances, ignoreInEval, color };
}
