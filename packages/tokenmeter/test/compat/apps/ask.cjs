/** One call. */
exports.ask = async (Groq) => {
  const client = new Groq({ apiKey: 'none', baseURL: process.env.PROVIDER_URL, maxRetries: 0 });
  await client.chat.completions.create({
    model: 'llama-3.3-70b-versatile',
    messages: [{ role: 'user', content: 'hi' }],
  });
};
