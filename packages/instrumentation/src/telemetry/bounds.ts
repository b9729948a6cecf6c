/** What the instruments of one set of metrics have in common. */
import type { CallRecord } from '@tokenmeter/ledger';
import type { Series } from './series.ts';

export interface Bounds {
  /** Attribute sets per instrument. */
  readonly cap: number;
  /** Of these keys, those that may go on metrics. */
  readonly visible: (keys: readonly string[]) => readonly string[];
  /** Told of each value that becomes `_other`. */
  readonly onFolded: (key: string) => void;
}

/** Writes one call to instruments; `errorType` is the record's, capped. */
export type Recorder = (record: CallRecord, series: Series, errorType: string | undefined) => void;
