/**
 * The route of a request and the baggage between services come from OpenTelemetry's HTTP, undici and Express
 * instrumentations. They are ours only where the app has no tracing of its own.
 *
 * HTTP and undici are switched on when that is known: HTTP's patches stack, so two of them would give each request two
 * spans. It is early enough even for the request that is just arriving, since Node looks `emit` up for each request.
 * Express must be patched before the app registers its handlers. So it is patched when it is loaded, and stands aside
 * until the others are switched on.
 */
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { installLine, load } from './load.ts';

/** A layer whose matcher answers true tells its route and opens no span. */
type LayerMatcher = (name: string) => boolean;

interface ExpressModule {
  readonly ExpressInstrumentation: new (config: {
    readonly enabled: boolean;
    readonly ignoreLayers: readonly LayerMatcher[];
  }) => { getModuleDefinitions(): readonly { patch?(exported: unknown): unknown }[] };
}

interface HttpModule {
  readonly HttpInstrumentation: new () => unknown;
}

interface UndiciModule {
  readonly UndiciInstrumentation: new () => unknown;
}

export interface Web {
  /** To be called for each copy of Express that is loaded. */
  onExpress(exported: unknown): void;
  /** Call once it is known that the app has no tracing of its own. */
  switchOn(): void;
}

const EXPRESS = '@opentelemetry/instrumentation-express';
const HTTP = '@opentelemetry/instrumentation-http';
const UNDICI = '@opentelemetry/instrumentation-undici';

/**
 * @param appFolders where the app's modules are looked for
 * @param onWarning told when a package does not load; the app then goes without routes or baggage
 */
export function prepareWeb(appFolders: readonly string[], onWarning: (message: string) => void): Web {
  let on = false;
  const { attempt, complain } = attempts(appFolders, onWarning);
  return {
    onExpress: (exported) => attempt(EXPRESS, () => patchExpress(exported, appFolders, () => !on)),
    switchOn() {
      if (on) return;
      on = true;
      attempt(UNDICI, () => {
        const { UndiciInstrumentation } = load<UndiciModule>(UNDICI, appFolders).module;
        new UndiciInstrumentation();
      });
      attempt(HTTP, () => {
        const { HttpInstrumentation } = load<HttpModule>(HTTP, appFolders).module;
        new HttpInstrumentation();
        // The patch is applied when the modules are asked for next; ES modules see it after the sync.
        const require = createRequire(import.meta.url);
        require('node:http');
        require('node:https');
        syncBuiltinESMExports();
      });
      complain();
    },
  };
}

interface Attempts {
  attempt(name: string, act: () => void): void;
  complain(): void;
}

/** Collects what fails until it matters, to name it in one warning. */
function attempts(appFolders: readonly string[], onWarning: (message: string) => void): Attempts {
  const failed = new Map<string, string>();
  return {
    attempt(name: string, act: () => void): void {
      try {
        act();
      } catch (error) {
        failed.set(name, error instanceof Error ? error.message : String(error));
      }
    },
    complain(): void {
      if (failed.size === 0) return;
      const names = [...failed.keys()];
      const [reason] = failed.values();
      onWarning(
        `Routes and baggage are not seen, because ${names.join(' and ')} did not start (${reason}). ` +
          `Install what fits: ${installLine(names, appFolders)}`,
      );
    },
  };
}

function patchExpress(exported: unknown, appFolders: readonly string[], aside: LayerMatcher): void {
  const { ExpressInstrumentation } = load<ExpressModule>(EXPRESS, appFolders).module;
  const instrumentation = new ExpressInstrumentation({ enabled: false, ignoreLayers: [aside] });
  for (const definition of instrumentation.getModuleDefinitions()) definition.patch?.(exported);
}
