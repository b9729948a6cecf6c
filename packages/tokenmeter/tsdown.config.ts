import { library } from '../../scripts/tsdown.ts';

export default library({
  entry: { index: 'src/index.ts', register: 'src/register.ts' },
});
