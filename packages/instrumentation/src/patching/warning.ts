/** Where patching tells a person something. Both builds of the package have one ear, which may hear a message again. */
import { diag } from '@opentelemetry/api';
import { shared } from '../state.ts';

interface Ear {
  onWarning?: (message: string) => void;
}

const ear: Ear = shared('warning', (): Ear => ({}));

/** Default: OpenTelemetry's diagnostic log. */
export function setWarning(onWarning: (message: string) => void): void {
  ear.onWarning = onWarning;
}

export function warn(message: string): void {
  if (ear.onWarning) ear.onWarning(message);
  else diag.warn(message);
}
