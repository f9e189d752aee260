// A slider between two classes or two z: pictures on the way, and a strip of
// five stations. One request is under way; of the values that a thumb passes
// meanwhile only the newest waits. What was seen is kept.

import {patiently, translate} from "/static/client.js";

export const STATIONS = [0, 0.25, 0.5, 0.75, 1];
const MOST_KEPT = 400;
const FADE_SECONDS = 0.3;

// Pictures by what they were made of; the oldest go.
class Kept {
  #urls = new Map();

  get(key) {
    return this.#urls.get(key);
  }

  set(key, picture) {
    this.#urls.set(key, URL.createObjectURL(picture));
    if (this.#urls.size > MOST_KEPT) {
      const [oldest, url] = this.#urls.entries().next().value;
      this.#urls.delete(oldest);
      URL.revokeObjectURL(url);
    }
  }

  clear() {
    this.#urls.forEach((url) => URL.revokeObjectURL(url));
    this.#urls.clear();
  }
}

export class Walk {
  #root;
  #find;
  #slider;
  #stations = [];
  #way = null;
  #kept = new Kept();
  #running = false;
  #stopping = null;

  // root: the section. save(blob or URL, name) downloads. draw(pictures,
  // labels) makes the strip's Blob.
  constructor(root, {save, draw}) {
    this.#root = root;
    this.#find = (selector) => root.querySelector(selector);
    root.append(document.getElementById("walk").content.cloneNode(true));
    this.#slider = this.#find("input[type=range]");
    for (const amount of STATIONS) this.#addStation(amount);
    this.#slider.addEventListener("input", () => this.#moved());
    this.#slider.addEventListener("keydown", (event) => this.#page(event));
    this.#find(".save").addEventListener("click", () => {
      const name = `${this.#way.file}-${this.#text()}.png`;
      save(this.#kept.get(this.#key(this.amount)), name);
    });
    this.#find(".save-strip").addEventListener("click", async () => {
      const urls = STATIONS.map((each) => this.#kept.get(this.#key(each)));
      const labels = STATIONS.map((each) => each.toFixed(2));
      save(await draw(urls, labels), `${this.#way.file}-strip.png`);
    });
  }

  get amount() {
    return Number(this.#slider.value);
  }

  // way: null hides the section; else {photo (File), id (of the photo),
  // query (amount -> text), what, low, high (labels), file (start of names)}.
  go(way) {
    if (way?.id !== this.#way?.id) this.#kept.clear();
    this.#way = way;
    this.#root.hidden = way === null;
    this.#stopping?.abort();
    if (way === null) return;
    this.#find(".what").textContent = way.what;
    this.#find(".low").textContent = way.low;
    this.#find(".high").textContent = way.high;
    this.#moved();
  }

  #addStation(amount) {
    const item = document.createElement("li");
    const button = document.createElement("button");
    const image = document.createElement("img");
    button.type = "button";
    image.alt = "";
    button.append(image, amount.toFixed(2));
    button.setAttribute("aria-label", `Go to ${amount.toFixed(2)}`);
    button.addEventListener("click", () => {
      this.#slider.value = amount;
      this.#moved();
    });
    item.append(button);
    this.#find(".strip").append(item);
    this.#stations.push({amount, image, button});
  }

  // Browsers differ in what these keys do.
  #page(event) {
    const step = {PageUp: 0.1, PageDown: -0.1}[event.key];
    if (!step) return;
    event.preventDefault();
    this.#slider.value = this.amount + step;
    this.#moved();
  }

  #text() {
    return this.amount.toFixed(2);
  }

  #key(amount) {
    return this.#way.query(amount.toFixed(2));
  }

  #moved() {
    this.#find(".amount").textContent = this.#text();
    this.#slider.setAttribute("aria-valuetext",
      `${this.#text()} from ${this.#way.low} to ${this.#way.high}`);
    this.#show();
    this.#run();
  }

  // The picture always belongs to the value: an older one fades and goes.
  #show() {
    const picture = this.#find(".picture");
    const url = this.#kept.get(this.#key(this.amount));
    const figure = picture.parentElement;
    figure.classList.toggle("stale", !url);
    if (url) {
      clearTimeout(figure.fading);
      figure.fading = null;
      picture.src = url;
      picture.hidden = false;
      picture.dataset.query = this.#key(this.amount);
      picture.alt = `${this.#way.what}, ${this.#text()}`;
    } else {
      picture.alt = "";
      figure.fading ??= setTimeout(() => {
        picture.hidden = true;
      }, 1000 * FADE_SECONDS);
    }
    this.#find(".save").disabled = !url;
    let whole = true;
    for (const {amount, image, button} of this.#stations) {
      const seen = this.#kept.get(this.#key(amount));
      whole &&= Boolean(seen);
      button.classList.toggle("empty", !seen);
      button.setAttribute("aria-current", amount === this.amount);
      if (seen) image.src = seen;
      else image.removeAttribute("src");
    }
    this.#find(".save-strip").disabled = !whole;
  }

  // The value under the thumb first, then the stations.
  #missing() {
    const wanted = [this.amount, ...STATIONS].map((each) => this.#key(each));
    return wanted.find((key) => !this.#kept.get(key));
  }

  async #run() {
    if (this.#running) return;
    this.#running = true;
    const tell = this.#find(".told");
    let key;
    try {
      while (this.#way && (key = this.#missing())) {
        this.#stopping = new AbortController();
        await this.#fetch(this.#stopping.signal, (error, seconds) => {
          tell.textContent = error
            ? `${error.message} Trying again in ${seconds} s.` : "";
        });
      }
    } catch (error) {
      if (this.#stopping.signal.aborted) {
        queueMicrotask(() => this.#way && this.#run());
      } else {
        tell.textContent = error.message;
      }
    } finally {
      this.#running = false;
    }
  }

  #fetch(signal, tell) {
    return patiently(async () => {
      const way = this.#way, key = this.#missing();
      if (!way || !key) return;
      for await (const {picture} of translate(way.photo, key, signal)) {
        if (way.id === this.#way?.id) this.#kept.set(key, picture);
      }
      if (this.#way) this.#show();
    }, {signal, tell});
  }
}
