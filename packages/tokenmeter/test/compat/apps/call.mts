import Groq from 'groq-sdk';
import { ask } from './ask.cjs';

const Client: typeof Groq = Groq;
void ask(Client);
