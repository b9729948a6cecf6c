/** An app that nothing was preloaded into: all its modules are loaded before the first of them runs. */
import Groq from 'groq-sdk';
import { instrument } from 'tokenmeter';
import { ask } from './ask.cjs';
import 'tokenmeter/register';

instrument(Groq);
ask(Groq);
