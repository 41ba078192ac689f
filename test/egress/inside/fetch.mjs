// Fetches each URL with Node's own fetch, all at once, and prints what came.
const answers = await Promise.all(
  process.argv.slice(2).map(async (url) => {
    try {
      return await (await fetch(url)).text();
    } catch (error) {
      return `failed: ${error.cause?.code ?? error.cause?.errors?.[0]?.code ?? error.message}`;
    }
  }),
);
console.log(answers.join('\n'));
