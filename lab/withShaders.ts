// Edited shaders that run in place of a room's own: how a kernel is changed without touching its room.
import type { Launch, Operation, Plan } from '../kernels/definition.ts';
import { KernelError } from '../kernels/errors.ts';
import { parseShader, type Shader } from '../kernels/shader.ts';
import { guardLoops } from './guardLoops.ts';

/** A text in the name of one of a room's shaders, and what is made of it. */
export class EditedShader {
  readonly shader: Shader;
  readonly #guarded = new Map<number, Shader>();

  /** @throws KernelError where it cannot stand in: it must declare all that the room binds, sets and writes to Params */
  constructor(original: Shader, code: string) {
    const { label } = original;
    this.shader = parseShader(label, code);
    const { bindings, params, overrides } = this.shader;
    refuseStrangers(label, 'binding', bindings, original.bindings);
    refuseStrangers(label, 'field of Params', params, original.params);
    refuseMissing(label, 'binding', bindings, original.bindings);
    refuseMissing(label, 'field of Params', params, original.params);
    refuseMissing(label, 'override', overrides, original.overrides); // others keep their defaults
    for (const [name, { access }] of Object.entries(original.bindings)) {
      const declared = bindings[name].access;
      if (access === declared) continue;
      throw new KernelError(`${label}: the room binds '${name}' as ${access}, the text declares it as ${declared}`);
    }
  }

  /** With loops that end: see `guardLoops`. */
  guarded(trips: number): Shader {
    const made = this.#guarded.get(trips) ?? guardLoops(this.shader, trips);
    this.#guarded.set(trips, made);
    return made;
  }
}

/** @param shaders each runs wherever the operation's own of the same label would */
export function withShaders<Options>(operation: Operation<Options>, shaders: readonly Shader[]): Operation<Options> {
  if (!shaders.length) return operation;
  const byLabel = new Map(shaders.map((shader) => [shader.label, shader]));
  const replaced = (launch: Launch): Launch => ({
    ...launch,
    shader: byLabel.get(launch.shader.label) ?? launch.shader,
  });
  const edited = (plan: Plan): Plan => ({ ...plan, launches: plan.launches.map(replaced) });
  return {
    ...operation,
    forward: (problem) => edited(operation.forward(problem)),
    ...(operation.backward && { backward: (problem, wanted) => edited(operation.backward!(problem, wanted)) }),
  };
}

type Names = Readonly<Record<string, unknown>>;

function refuseStrangers(label: string, what: string, declared: Names, given: Names): void {
  const stranger = Object.keys(declared).find((name) => !(name in given));
  if (stranger === undefined) return;
  const there = Object.keys(given).join(', ') || 'none';
  throw new KernelError(`${label}: the room gives no ${what} '${stranger}'; it gives ${there}`);
}

function refuseMissing(label: string, what: string, declared: Names, given: Names): void {
  const missing = Object.keys(given).find((name) => !(name in declared));
  if (missing === undefined) return;
  throw new KernelError(`${label}: the room gives the ${what} '${missing}', which the text does not declare`);
}
