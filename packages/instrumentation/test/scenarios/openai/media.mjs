/** Images, speech, text of speech, moderation. */
import { image, listen } from './params.mjs';

/** Fresh each time: an upload may be read only once. */
const file = (sdk, name, type) => sdk.toFile(Buffer.from('no real file'), name, { type });
const sound = (sdk) => file(sdk, 'speech.mp3', 'audio/mpeg');
const picture = (sdk) => file(sdk, 'picture.png', 'image/png');

/** openai 4 has no streams of images; it has no conversations either. */
const streamsOfImages = ['conversations.create'];

export const scenarios = [
  {
    name: 'images generate',
    needs: ['images.generate'],
    async run({ client, APIPromise, log, shape }) {
      const promise = client.images.generate(image());
      log('instanceof APIPromise', promise instanceof APIPromise);
      const images = await promise;
      log('images', images);
      log('shape', shape(images));
    },
  },
  {
    name: 'images edit',
    needs: ['images.edit'],
    run: async ({ client, sdk, log }) =>
      log('images', await client.images.edit(image({ image: await picture(sdk), n: 2 }))),
  },
  {
    name: 'images createVariation',
    needs: ['images.createVariation'],
    run: async ({ client, sdk, outcome }) =>
      outcome('create', client.images.createVariation({ image: await picture(sdk), model: 'gpt-image-1' })),
  },
  {
    name: 'images generate stream',
    needs: streamsOfImages,
    async run({ client, Stream, log, outcome, items }) {
      const stream = await outcome('create', client.images.generate(image({ stream: true, partial_images: 2 })));
      log('instanceof Stream', stream instanceof Stream);
      if (stream instanceof Stream) await items('event', stream);
    },
  },
  {
    name: 'images generate stream break',
    needs: streamsOfImages,
    async run({ client, Stream, outcome, items, hold }) {
      const params = image({ stream: true, partial_images: 2 });
      const stream = await outcome('create', client.images.generate(params, hold(1)));
      if (stream instanceof Stream) await items('event', stream, () => 'break');
    },
  },
  {
    name: 'images 400',
    needs: ['images.generate'],
    run: ({ client, outcome, fault }) => outcome('generate', client.images.generate(image(), fault('400'))),
  },
  {
    name: 'speech',
    needs: ['audio.speech.create'],
    async run({ client, log, shape }) {
      const response = await client.audio.speech.create({ model: 'gpt-4o-mini-tts', voice: 'alloy', input: 'Hello.' });
      log('class', response.constructor.name);
      log('shape', shape(response).parents);
      log('used', response.bodyUsed);
      log('sound', Buffer.from(await response.arrayBuffer()).toString());
    },
  },
  {
    name: 'speech by asResponse',
    needs: ['audio.speech.create'],
    async run({ client, log }) {
      const speech = { model: 'gpt-4o-mini-tts', voice: 'alloy', input: 'Hello.' };
      log('sound', await (await client.audio.speech.create(speech).asResponse()).text());
    },
  },
  {
    name: 'transcription',
    needs: ['audio.transcriptions.create'],
    async run({ client, sdk, log, shape }) {
      const heard = await client.audio.transcriptions.create(listen({ file: await sound(sdk) }));
      log('heard', heard);
      log('shape', shape(heard));
    },
  },
  {
    name: 'transcription as text',
    needs: ['audio.transcriptions.create'],
    run: async ({ client, sdk, log }) =>
      log(
        'heard',
        await client.audio.transcriptions.create(listen({ file: await sound(sdk), response_format: 'text' })),
      ),
  },
  {
    name: 'transcription stream',
    needs: ['audio.transcriptions.create'],
    async run({ client, sdk, Stream, log, items }) {
      const stream = await client.audio.transcriptions.create(listen({ file: await sound(sdk), stream: true }));
      log('instanceof Stream', stream instanceof Stream);
      await items('event', stream);
    },
  },
  {
    name: 'translation',
    needs: ['audio.translations.create'],
    run: async ({ client, sdk, log }) =>
      log('heard', await client.audio.translations.create({ file: await sound(sdk), model: 'whisper-1' })),
  },
  {
    name: 'moderation',
    needs: ['moderations.create'],
    run: async ({ client, log }) => log('moderation', await client.moderations.create({ input: 'Hello.' })),
  },
];
