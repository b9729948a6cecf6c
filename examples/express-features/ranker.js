// A second service: it has never heard of the shop's features, and its calls carry them all the same.
const express = require('express');
const OpenAI = require('openai');

const openai = new OpenAI();
const app = express();

app.get('/rank', async (req, res) => {
  const answer = await openai.chat.completions.create({
    model: 'gpt-4o',
    messages: [{ role: 'user', content: `Rank products for user ${req.query.user}` }],
  });
  res.send(answer.choices[0].message.content);
});

app.listen(Number(process.env.PORT), '127.0.0.1', () => process.send?.('ready'));
