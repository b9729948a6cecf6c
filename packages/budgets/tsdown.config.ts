import { library } from '../../scripts/tsdown.ts';

export default library({ entry: ['src/index.ts'] });
