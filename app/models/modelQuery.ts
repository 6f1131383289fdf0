// The page's state in its URL: `#/models?model=resnet18&classes=10&input=3x224x224&layer=layer1.0`.
import type { ModelChoice, ModelFacts } from './session.ts';

/** Larger ones are no images; shapes alone cost nothing, but their figures would overflow. */
const MAX_EXTENT = 100_000;

/** What a query asks for, where it makes sense, else the model's own. Undefined while there are no models. */
export function choiceFrom(query: URLSearchParams, models: readonly ModelFacts[]): ModelChoice | undefined {
  const facts = models.find(({ name }) => name === query.get('model')) ?? models[0];
  if (!facts) return undefined;
  const { name, numClasses, inputShape } = facts;
  const classes = Number(query.get('classes'));
  const [channels, height, width, ...rest] = (query.get('input') ?? '').split('x').map(Number);
  const isShape = [channels, height, width].every((extent) => isExtent(extent)) && !rest.length;
  return {
    name,
    numClasses: isExtent(classes) ? classes : numClasses,
    inputShape: isShape ? [channels!, height!, width!] : inputShape,
  };
}

/** The text of a query that `choiceFrom` reads back. */
export function queryOf({ name, numClasses, inputShape }: ModelChoice, layer: string | undefined): string {
  const query = new URLSearchParams({ model: name, classes: String(numClasses), input: inputShape.join('x') });
  if (layer !== undefined) query.set('layer', layer);
  return query.toString();
}

function isExtent(value: number | undefined): boolean {
  return Number.isInteger(value) && value! > 0 && value! <= MAX_EXTENT;
}
