/**
 * Patches an SDK that Stainless generated, from a table of its methods. Each target is patched alone: a class that a
 * version lacks costs none of the others, and nothing here throws into an import.
 */
import { alike } from '../call/alike.ts';
import { begin } from '../call/begin.ts';
import { Call } from '../call/call.ts';
import type { Endpoint, Method } from '../call/facts.ts';
import { guard } from '../call/guard.ts';
import { hookPromiseClass, isApiPromise, observeApiPromise } from '../call/observe-promise.ts';
import { runtime } from '../call/runtime.ts';
import { hookTransport } from '../call/transport.ts';
import { type AnswerTarget, answerReader } from './answers.ts';
import { tellOfOthers } from './others.ts';

/** A client class of an SDK, seen as a bag of nested resource classes. */
export type SdkClass = { readonly prototype: object } & Record<string, unknown>;

export interface MethodTarget {
  /** Path from the client class to the resource class, e.g. `['Chat', 'Completions']`. */
  readonly path: readonly string[];
  readonly method: string;
  readonly call: Method;
}

/** What is known of every SDK. */
interface Sdk {
  /** npm name. */
  readonly name: string;
  /** Oldest and newest versions that the tests cover; a version outside works at best effort, with one warning. */
  readonly tested: { readonly from: string; readonly to: string };
}

/** An SDK that Stainless did not generate, or a framework. */
export interface OwnSdk extends Sdk {
  /** Where the methods are out of the main module's reach: the modules that have them, see `Watched`. */
  readonly files?: readonly string[];
  /**
   * Functions that are out of reach from outside: the main module hands them over by name before the app has it, and goes
   * on with what `rebind` returns. What a version lacks is left out.
   */
  readonly rebinds?: readonly string[];
  rebind?(name: string, original: (...args: unknown[]) => unknown): (...args: unknown[]) => unknown;
  /**
   * Patches the SDK in `exported`: its module, or whatever an app hands to `instrument()`. Returns the names of the patched
   * methods, or undefined where this is not the SDK.
   */
  patch(exported: unknown): readonly string[] | undefined;
}

export interface SdkDefinition extends Sdk {
  /** The export that is the client class; the same class may be the default export or the module itself. */
  readonly className: string;
  /** The first one identifies the class where its name is lost, as in a bundle. */
  readonly targets: readonly MethodTarget[];
  /** Methods that read answers again. */
  readonly answers?: readonly AnswerTarget[];
  /** What is out of the main module's reach, or is loaded without it. */
  readonly beside?: {
    /** The modules that have it, see `Wanted`. The client class is looked for in them, too. */
    readonly files: readonly string[];
    /**
     * Patches classes that the client class does not lead to, as those of sockets, in `exported`: such a module, or one of
     * the classes. Names of what is patched; undefined: none of them is there.
     */
    patch?(exported: unknown): readonly string[] | undefined;
  };
  /** Where the requests of a client go. */
  endpoint(client: unknown): Endpoint;
  /** What else is to be done to the client class, once. */
  prepareClass?(sdk: SdkClass): void;
  /** Asked before a span is opened: true if the SDK opens one of its own that the user chose. */
  adoptsNativeSpan?(client: unknown, call: Call, options: unknown): boolean;
}

const PATCHED: unique symbol = Symbol.for('tokenmeter.patched') as never;

type Create = (this: { _client?: unknown }, ...args: unknown[]) => unknown;

/** Finds the client class of a definition in `exported`: a module's exports, its default export, or the class. */
export type Recognise = (definition: SdkDefinition, exported: unknown) => SdkClass | undefined;

/** By the name of the class, as an export or a static of the class itself; then any of its targets will do. */
export const byName: Recognise = (definition, exported) => {
  const byDefault = guard(() => (exported as { default?: unknown }).default);
  return [named(exported, definition), named(byDefault, definition)].find(
    (candidate): candidate is SdkClass =>
      isClass(candidate) && definition.targets.some((target) => resource(candidate, target)),
  );
};

/** Where the name is lost: the class has to have the first target. SDKs that share their shape share that, too. */
export const byShape: Recognise = ({ targets: [signature] }, exported) => {
  const byDefault = guard(() => (exported as { default?: unknown }).default);
  return [byDefault, exported].filter(isClass).find((candidate) => signature && resource(candidate, signature));
};

/** Patches an SDK. Returns the names of the methods that are patched, or undefined where `exported` is not the SDK. */
export function patchSdk(
  definition: SdkDefinition | OwnSdk,
  exported: unknown,
  recognise: Recognise,
): readonly string[] | undefined {
  if ('patch' in definition) return guard(() => definition.patch(exported));
  const sdk = recognise(definition, exported);
  if (!sdk) return guard(() => definition.beside?.patch?.(exported));
  guard(() => hookTransport(sdk.prototype));
  guard(() => hookPromiseClass((exported as { APIPromise?: unknown }).APIPromise));
  guard(() => definition.prepareClass?.(sdk));
  const done: string[] = [];
  for (const target of definition.targets) {
    if (guard(() => patchTarget(definition, sdk, target))) done.push(target.call.name);
  }
  for (const target of definition.answers ?? []) {
    if (guard(() => patchAnswers(definition, sdk, target))) done.push(target.call.name);
  }
  return done;
}

function named(holder: unknown, { className }: SdkDefinition): unknown {
  return guard(() => (holder as Record<string, unknown> | undefined)?.[className]);
}

/** The class of that name in a module, in its default export, or given itself. For SDKs that patch themselves. */
export function exportedClass(exported: unknown, className: string): SdkClass | undefined {
  const { [className]: named, default: byDefault } = (exported ?? {}) as Record<string, unknown>;
  const within = guard(() => (byDefault as Record<string, unknown> | undefined)?.[className]);
  const itself = isClass(exported) && exported.name === className ? exported : undefined;
  return [named, within, itself].find(isClass);
}

/** The object in the prototype chain that has the method as its own. */
export function holderOf(prototype: object | undefined, method: string): object | undefined {
  let holder: object | null = prototype ?? null;
  while (holder && !Object.hasOwn(holder, method)) holder = Object.getPrototypeOf(holder);
  return holder ?? undefined;
}

function isClass(value: unknown): value is SdkClass {
  return typeof value === 'function';
}

function resource(sdk: SdkClass, target: Pick<MethodTarget, 'path' | 'method'>): Record<string, unknown> | undefined {
  let at: unknown = sdk;
  for (const key of target.path) at = (at as Record<string, unknown> | undefined)?.[key];
  const prototype = (at as { prototype?: Record<string, unknown> } | undefined)?.prototype;
  return typeof prototype?.[target.method] === 'function' ? prototype : undefined;
}

function patchAnswers(definition: SdkDefinition, sdk: SdkClass, target: AnswerTarget): boolean {
  const prototype = resource(sdk, target);
  if (!prototype) return false;
  const original = prototype[target.method] as Create & { [PATCHED]?: boolean };
  if (original[PATCHED]) return true;
  const patched: Create & { [PATCHED]?: boolean } = answerReader(target, original, definition.endpoint);
  patched[PATCHED] = true;
  prototype[target.method] = patched;
  return true;
}

function patchTarget(definition: SdkDefinition, sdk: SdkClass, target: MethodTarget): boolean {
  const prototype = resource(sdk, target);
  if (!prototype) return false;
  const original = prototype[target.method] as Create & { [PATCHED]?: boolean };
  if (original[PATCHED]) return true;
  let called = false;
  const patched: Create & { [PATCHED]?: boolean } = function (this, ...args) {
    const [params, options] = args;
    if (!called) {
      called = true;
      guard(() => tellOfOthers(definition.name, prototype[target.method], original));
    }
    const call = guard(() => start(definition, target.call, this._client, params, options));
    if (!call) return original.apply(this, args);
    if (call.changedParams !== undefined) args[0] = call.changedParams;
    if (call.request.stream) call.asksForUsage = guard(() => isUsageOpen(call, target.call, args[0])) === true;
    return observed(call, () => call.run(() => original.apply(this, args)));
  };
  patched[PATCHED] = true;
  prototype[target.method] = alike(patched, original);
  return true;
}

function start(definition: SdkDefinition, method: Method, client: unknown, params: unknown, options: unknown): Call {
  const call = new Call(method, params, definition.endpoint(client));
  const { adoptsNativeSpan } = definition;
  return begin(call, adoptsNativeSpan && (() => adoptsNativeSpan(client, call, options)));
}

function isUsageOpen(call: Call, { askForUsage }: Method, params: unknown): boolean {
  if (!askForUsage || runtime.options.includeStreamUsage === false) return false;
  return askForUsage.isOpen(params, call.endpoint);
}

/** Runs the SDK's own method and watches what it returns or throws; both reach the app as they are. */
function observed(call: Call, method: () => unknown): unknown {
  let result: unknown;
  try {
    result = method();
  } catch (error) {
    guard(() => call.fail(error));
    throw error;
  }
  guard(() => {
    if (isApiPromise(result)) observeApiPromise(result, call);
    else call.end('completed');
  });
  return result;
}
