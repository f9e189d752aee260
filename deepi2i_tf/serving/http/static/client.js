// What the page asks the server for, and what it does about its refusals.

export class Refused extends Error {
  constructor(sentence, status) {
    super(sentence);
    this.status = status;
  }
}

export class Busy extends Error {
  constructor(seconds) {
    super("The server is busy.");
    this.seconds = seconds;
  }
}

export class Gone extends Error {
  constructor(sentence = "The server does not answer.") {
    super(sentence);
  }
}

const RETRIES = 3;
const LONGEST_WAIT = 10;

// Name, version, resolution, classes and limits of the model.
export async function loadModel(signal) {
  return (await ask("/app/model", {signal})).json();
}

// Pictures of a photo as they are ready: {query, picture}, a Blob each. The
// query is the answer's own: it says which picture this is.
export async function* translate(photo, query, signal) {
  const kind = photo.type.startsWith("image/") ? photo.type
    : "application/octet-stream";
  const response = await ask(`/app/translate?${query}`, {
    method: "POST", body: photo, headers: {"Content-Type": kind}, signal,
  });
  try {
    for await (const {head, body} of parts(response)) {
      if (head["content-type"] !== "image/png") {
        const {error} = JSON.parse(new TextDecoder().decode(body));
        throw refusal(Number(head["x-status"]), error, 1);
      }
      const picture = new Blob([body], {type: "image/png"});
      yield {query: new URLSearchParams(head["x-query"]), picture};
    }
  } catch (error) {
    // A connection that breaks off is a TypeError, as everything else is.
    throw error instanceof TypeError ? new Gone() : error;
  }
}

// Does the work again while the server is busy (three times) or gone (until it
// is back). `tell` hears the error and the seconds until the next attempt, then
// null; `skip` is a function that makes a promise which ends the waiting.
export async function patiently(work, {signal, tell, skip}) {
  let busy = 0, gone = 0, progress = false;
  const made = () => { progress = true; };
  for (;;) {
    let seconds;
    try {
      return await work(made);
    } catch (error) {
      if (signal.aborted) throw error;
      if (progress) [busy, gone, progress] = [0, 0, false];
      if (error instanceof Busy && busy++ < RETRIES) {
        seconds = error.seconds;
      } else if (error instanceof Gone) {
        seconds = Math.min(LONGEST_WAIT, 2 ** gone++);
      } else if (error instanceof Busy) {
        throw new Refused(`${error.message} Try again later.`, 429);
      } else {
        throw error;
      }
      tell(error, seconds);
    }
    await Promise.race([pause(seconds, signal), ...(skip ? [skip()] : [])]);
    tell(null, 0);
  }
}

export function pause(seconds, signal) {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, 1000 * seconds);
    signal?.addEventListener("abort", stop, {once: true});
  });
}

async function ask(address, options) {
  let response;
  try {
    response = await fetch(address, options);
  } catch (error) {
    throw error instanceof TypeError ? new Gone() : error;
  }
  if (response.ok) return response;
  let sentence = `The server answered with ${response.status}.`;
  try {
    sentence = (await response.json()).error ?? sentence;
  } catch {
    // A proxy's page instead of a sentence.
  }
  const after = Number(response.headers.get("Retry-After"));
  throw refusal(response.status, sentence, after);
}

function refusal(status, sentence, after) {
  if (status === 429) return new Busy(after || 1);
  // Its place in the queue was too far behind.
  if (status === 504) return new Busy(2);
  if (status === 503) return new Gone("The server is not ready.");
  if (status === 502) return new Gone();
  return new Refused(sentence, status);
}

// The parts of a multipart answer, each with its own Content-Length.
async function* parts(response) {
  const reader = response.body.getReader();
  let buffer = new Uint8Array(0);
  const more = async () => {
    const {value, done} = await reader.read();
    if (done) throw new Gone();
    const joined = new Uint8Array(buffer.length + value.length);
    joined.set(buffer);
    joined.set(value, buffer.length);
    buffer = joined;
  };
  const take = async (size) => {
    while (buffer.length < size) await more();
    const taken = buffer.slice(0, size);
    buffer = buffer.slice(size);
    return taken;
  };
  const line = async () => {
    let end;
    while ((end = buffer.indexOf(10)) < 0) await more();
    return new TextDecoder("latin1").decode(await take(end + 1)).trimEnd();
  };
  while (!(await line()).endsWith("--")) {
    const head = {};
    for (let text; (text = await line());) {
      const colon = text.indexOf(":");
      head[text.slice(0, colon).toLowerCase()] = text.slice(colon + 1).trim();
    }
    const body = await take(Number(head["content-length"]));
    await take(2);
    yield {head, body};
  }
}
