import Groq from 'groq-sdk';
import { ask } from './ask.cjs';

ask(Groq);
