/** Writes the published copy of the schema: node packages/tokenmeter/schema/write.ts, after a build */
import { writeFileSync } from 'node:fs';
import { SCHEMA } from '../src/config/schema.ts';

writeFileSync(new URL('tokenmeter.schema.json', import.meta.url), `${JSON.stringify(SCHEMA, null, 2)}\n`);
