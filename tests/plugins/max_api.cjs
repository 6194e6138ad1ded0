// Stands in for Max's own max-api module: keeps the handlers, prints what goes out as lines of JSON.
const handlers = new Map();
let waiting = [];

module.exports = {
  addHandler(selector, handler) {
    if (typeof handler !== "function" || handlers.has(selector)) throw new TypeError(`addHandler ${selector}`);
    handlers.set(selector, handler);
  },
  outlet(...message) {
    for (const part of message) {
      if (!["string", "number"].includes(typeof part)) throw new TypeError(`outlet cannot send ${typeof part}`);
    }
    console.log(JSON.stringify(message));
    waiting = waiting.filter(({ words, resolve }) => !words.every((word, i) => message[i] === word) || void resolve(message));
    return Promise.resolve();
  },
  // What a patch does: a message into the script, and waiting for one to come out.
  send(selector, ...words) {
    if (!handlers.has(selector)) throw new TypeError(`the script has no message ${selector}`);
    handlers.get(selector)(...words);
  },
  hear: (...words) => new Promise((resolve) => waiting.push({ words, resolve })),
};
