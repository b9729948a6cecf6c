// The shop: three product features that call an LLM. Nothing here knows about tokens or money.
const express = require('express');
const OpenAI = require('openai');
const { withFeature } = require('tokenmeter');

const openai = new OpenAI();
const app = express();

const ask = async (text) => {
  const answer = await openai.chat.completions.create({
    model: 'gpt-4o-mini',
    messages: [{ role: 'user', content: text }],
  });
  return answer.choices[0].message.content;
};

// The feature comes from the route: see `routes` in tokenmeter.yaml.
app.get('/search', async (req, res) => {
  res.send(await ask(`Find products for: ${req.query.q}`));
});

// The feature is named in the code.
app.get('/product/:id/summary', async (req, res) => {
  res.send(await withFeature('summarizer', () => ask(`Summarise the reviews of product ${req.params.id}`)));
});

// The feature is named here, and the other service's call carries it: it travels as baggage.
app.get('/recommend', async (_req, res) => {
  const answer = await withFeature('recommendations', () => fetch(`${process.env.RANKER_URL}/rank?user=42`));
  res.send(await answer.text());
});

app.listen(Number(process.env.PORT), '127.0.0.1', () => process.send?.('ready'));
