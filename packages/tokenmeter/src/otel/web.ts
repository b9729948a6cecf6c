/**
 * The route of a request and the baggage between services come from OpenTelemetry's HTTP, undici and Express
 * instrumentations. They are ours only where the app has no tracing of its own.
 *
 * HTTP and undici are switched on when that is known: HTTP's patches stack, so two of them would give each request two
 * spans. It is early enough even for the request that is just arriving, since Node looks `emit` up for each request.
 * Express must be patched before the app registers its handlers. So it is patched when it is loaded, and stands aside
 * until the others are switched on. The hook is on a file inside of Express, because an ES module that imports Express
 * passes there and not through `require('express')`.
 */
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { Hook } from 'require-in-the-middle';
import { load } from './load.ts';

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
  /** Call once it is known that the app has no tracing of its own. */
  switchOn(): void;
}

/** With or without `.js`: both are the names that versions of the hook give to that file. */
const EXPRESS_FILE = /^express[\\/]lib[\\/]express(\.js)?$/;

/**
 * @param appFolders where the app's modules are looked for
 * @param onWarning told when a package does not load; the app then goes without routes or baggage
 */
export function prepareWeb(appFolders: readonly string[], onWarning: (message: string) => void): Web {
  let on = false;
  const attempt = (act: () => void): void => {
    try {
      act();
    } catch (error) {
      onWarning(`Routes and baggage are not seen: ${error instanceof Error ? error.message : String(error)}.`);
    }
  };
  new Hook(['express'], { internals: true }, (exported, name) => {
    if (EXPRESS_FILE.test(name)) attempt(() => patchExpress(exported, appFolders, () => !on));
    return exported;
  });
  return {
    switchOn() {
      if (on) return;
      on = true;
      attempt(() => {
        const { UndiciInstrumentation } = load<UndiciModule>(
          '@opentelemetry/instrumentation-undici',
          appFolders,
        ).module;
        new UndiciInstrumentation();
      });
      attempt(() => {
        const { HttpInstrumentation } = load<HttpModule>('@opentelemetry/instrumentation-http', appFolders).module;
        new HttpInstrumentation();
        // The patch is applied when the modules are asked for next; ES modules see it after the sync.
        const require = createRequire(import.meta.url);
        require('node:http');
        require('node:https');
        syncBuiltinESMExports();
      });
    },
  };
}

function patchExpress(exported: unknown, appFolders: readonly string[], aside: LayerMatcher): void {
  const { ExpressInstrumentation } = load<ExpressModule>('@opentelemetry/instrumentation-express', appFolders).module;
  const instrumentation = new ExpressInstrumentation({ enabled: false, ignoreLayers: [aside] });
  for (const definition of instrumentation.getModuleDefinitions()) definition.patch?.(exported);
}
