/**
 * The route of a request and the baggage between services come from OpenTelemetry's HTTP, undici and Express
 * instrumentations. They are ours only where the app has no OpenTelemetry of its own.
 *
 * HTTP and undici are switched on when it is known that the app brings none: HTTP's patches stack, so two of them would
 * give each request two spans. It is early enough for the request that is just arriving, since Node looks `emit` up for
 * each request. Express has to be patched before the app registers its handlers; until it is known it stands aside.
 */
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { load } from './load.ts';

interface Instrumentation {
  enable(): void;
}

type Matcher = (name: string) => boolean;

interface ExpressModule {
  readonly ExpressInstrumentation: new (config: { ignoreLayers: Matcher[] }) => Instrumentation;
}
interface HttpModule {
  readonly HttpInstrumentation: new () => Instrumentation;
}
interface UndiciModule {
  readonly UndiciInstrumentation: new () => Instrumentation;
}

export interface Web {
  /** Call once it is known that the app has no tracing of its own. */
  switchOn(): void;
}

/**
 * @param appFolder where the app's modules are looked for
 * @param onWarning told when a package does not load; the app then goes without routes or baggage
 */
export function prepareWeb(appFolder: string, onWarning: (message: string) => void): Web {
  let on = false;
  attempt(() => {
    const { ExpressInstrumentation } = load<ExpressModule>('@opentelemetry/instrumentation-express', appFolder).module;
    // An ignored layer still tells the route and opens no span.
    new ExpressInstrumentation({ ignoreLayers: [() => !on] });
  }, onWarning);
  return {
    switchOn() {
      if (on) return;
      on = true;
      attempt(() => {
        const { UndiciInstrumentation } = load<UndiciModule>('@opentelemetry/instrumentation-undici', appFolder).module;
        new UndiciInstrumentation();
      }, onWarning);
      attempt(() => {
        const { HttpInstrumentation } = load<HttpModule>('@opentelemetry/instrumentation-http', appFolder).module;
        new HttpInstrumentation();
        // The patch is applied when the module is asked for next; ES modules see it after the sync.
        const require = createRequire(import.meta.url);
        require('node:http');
        require('node:https');
        syncBuiltinESMExports();
      }, onWarning);
    },
  };
}

function attempt(act: () => void, onWarning: (message: string) => void): void {
  try {
    act();
  } catch (error) {
    onWarning(`Routes and baggage are not seen: ${error instanceof Error ? error.message : String(error)}`);
  }
}
