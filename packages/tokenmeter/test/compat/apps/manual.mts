import Groq from 'groq-sdk';
import { instrument } from 'tokenmeter';
import { ask } from './ask.cjs';
import 'tokenmeter/register';

const Client: typeof Groq = Groq;
instrument(Client);
void ask(Client);
