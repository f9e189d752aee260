// The page: photo, classes and seed in; pictures out.

import {Gone, loadModel, patiently, translate} from "/static/client.js";
import {Walk} from "/static/walk.js";

const $ = (id) => document.getElementById(id);
const SOURCE_SIDE = 512;
const FIRST_CHOSEN = 8;
const LARGEST_SEED = Number.MAX_SAFE_INTEGER;
const LONGEST_SHEET_SIDE = 8192;
// Shown where a model knows the classes: those of `make demo`.
const SAMPLES = [
  {file: "/static/sample_creature.png", name: "tiger.png",
    classes: ["tiger", "rabbit", "panda"]},
];

let model;
let photo = null; // {file, id, stem}
let boxes = []; // {box, item, name}
let shown = []; // tiles: {number, name, seed, image, button, url}
let asked = null; // what the tiles show: {photo, classes, seed}
let running = null; // AbortController
let hurry = () => {};
let opened = 0;
let walks;

// ---------------------------------------------------------------- starting

async function start() {
  $("plain").hidden = window.isSecureContext;
  const signal = new AbortController().signal;
  const tell = (error, seconds) => {
    $("starting").textContent = error
      ? `${error.message} Trying again in ${seconds} s.` : "";
  };
  try {
    model = await patiently(() => loadModel(signal), {signal, tell});
  } catch (error) {
    $("starting").textContent = error.message;
    return;
  }
  const {name, version, resolution, classes} = model;
  document.title = `${name}: translate a photo`;
  $("name").textContent = name;
  $("facts").textContent = `Translates a photo into ${count(classes.length,
    "class", "classes")} at ${resolution} × ${resolution} pixels; version ` +
    `${version}.`;
  document.body.classList.toggle("small-pictures", resolution < 96);
  const sample = SAMPLES.find((each) => each.classes.every(
    (known) => classes.includes(known)));
  $("sample").hidden = !sample;
  $("sample").addEventListener("click", () => useSample(sample));
  const helpers = {save, draw: drawRow};
  walks = {classes: new Walk($("walk-classes"), helpers),
    z: new Walk($("walk-z"), helpers)};
  listClasses();
  readFragment();
  listen();
  $("main").hidden = false;
  update();
}

function listen() {
  $("choose").addEventListener("click", () => $("file").click());
  $("take").addEventListener("click", () => $("camera").click());
  for (const input of [$("file"), $("camera")]) {
    input.addEventListener("change", () => {
      if (input.files[0]) usePhoto(input.files[0]);
      input.value = "";
    });
  }
  document.addEventListener("paste", (event) => {
    const [file] = event.clipboardData?.files ?? [];
    if (file) usePhoto(file);
  });
  let depth = 0; // of elements that a dragged file is over
  document.addEventListener("dragenter", () => mark(++depth));
  document.addEventListener("dragleave", () => mark(--depth));
  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    mark(depth = 0);
    const [file] = event.dataTransfer.files;
    if (file) usePhoto(file);
  });
  $("search").addEventListener("input", search);
  $("classes").addEventListener("change", update);
  $("all").addEventListener("click", () => choose(() => true));
  $("none").addEventListener("click", () => choose(() => false));
  $("ten").addEventListener("click", chooseTen);
  $("another").addEventListener("click", anotherSeed);
  $("seed").addEventListener("input", update);
  $("ask").addEventListener("submit", (event) => {
    event.preventDefault();
    run();
  });
  $("stop").addEventListener("click", () => running?.abort());
  $("try-now").addEventListener("click", () => hurry());
  $("tiles").addEventListener("keydown", walkTiles);
  $("sheet").addEventListener("click", saveSheet);
  $("link").addEventListener("click", copyLink);
  window.addEventListener("hashchange", () => {
    readFragment();
    update();
  });
  listenToLarge();
  listenToWalks();
}

const mark = (depth) => document.body.classList.toggle("dragged", depth > 0);

const count = (number, one, many) => `${number} ${number === 1 ? one : many}`;

// ------------------------------------------------------------------- photo

async function usePhoto(file) {
  const limit = model.limits?.max_request_bytes;
  if (limit && file.size > limit) {
    refuse("photo-refusal", `Expected a photo of at most ${megabytes(limit)}. ` +
      `Received: ${megabytes(file.size)}. Choose a smaller one.`);
    return;
  }
  const id = (photo?.id ?? 0) + 1;
  photo = {file, id, stem: file.name.replace(/\.[^.]*$/, "") || "photo"};
  refuse("photo-refusal", "");
  $("invitation").hidden = true;
  $("photo-facts").hidden = true;
  $("drop").classList.add("filled");
  const canvas = $("source");
  let told = `${file.name}; the model sees this square.`;
  try {
    const bitmap = await createImageBitmap(file);
    if (photo.id !== id) return;
    drawSquare(canvas, bitmap);
    bitmap.close();
    canvas.hidden = false;
    canvas.setAttribute("aria-label", `Your photo, ${file.name}`);
  } catch {
    if (photo.id !== id) return;
    canvas.hidden = true;
    told = `${file.name}; this browser cannot show it, the server may read it.`;
  }
  $("photo-facts").textContent = told;
  $("photo-facts").hidden = false;
  update();
}

// As the model's `fit` makes a square; without one, the middle is cut out.
function drawSquare(canvas, bitmap) {
  const {width, height} = bitmap;
  const {way = "crop", pad_color: color = [255, 255, 255]} = model.fit ?? {};
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  const side = way === "pad" ? Math.max(width, height)
    : Math.min(width, height);
  const [w, h] = way === "squash" ? [width, height] : [side, side];
  context.fillStyle = way === "pad" ? `rgb(${color.join(" ")})` : "white";
  context.fillRect(0, 0, SOURCE_SIDE, SOURCE_SIDE);
  // Whatever lies outside of the picture is left as it is.
  context.drawImage(bitmap, (width - w) / 2, (height - h) / 2, w, h,
    0, 0, SOURCE_SIDE, SOURCE_SIDE);
}

async function useSample({file, name}) {
  try {
    const blob = await (await fetch(file)).blob();
    await usePhoto(new File([blob], name, {type: blob.type}));
  } catch {
    refuse("photo-refusal", new Gone().message);
  }
}

const megabytes = (bytes) => `${(bytes / 2 ** 20).toFixed(1)} MB`;

// ----------------------------------------------------------------- classes

function listClasses() {
  boxes = model.classes.map((name, number) => {
    const item = document.createElement("li");
    const label = document.createElement("label");
    const box = document.createElement("input");
    box.type = "checkbox";
    box.value = number;
    box.checked = number < FIRST_CHOSEN;
    label.append(box, readable(name));
    item.append(label);
    return {box, item, name: readable(name).toLowerCase()};
  });
  $("classes").replaceChildren(...boxes.map(({item}) => item));
}

const readable = (name) => name.replaceAll("_", " ");

function search() {
  const words = readable($("search").value).toLowerCase().split(/\s+/);
  let found = false;
  for (const {item, name} of boxes) {
    item.hidden = !words.every((word) => name.includes(word));
    found ||= !item.hidden;
  }
  $("no-class").hidden = found;
}

// Of the classes that the search shows.
function choose(wanted) {
  for (const {box, item} of boxes) {
    if (!item.hidden) box.checked = wanted(Number(box.value));
  }
  update();
}

function chooseTen() {
  const left = boxes.filter(({item}) => !item.hidden);
  const ten = new Set();
  while (ten.size < Math.min(10, left.length)) {
    ten.add(Math.floor(Math.random() * left.length));
  }
  left.forEach(({box}, index) => { box.checked = ten.has(index); });
  update();
}

const chosen = () => boxes.filter(({box}) => box.checked)
  .map(({box}) => Number(box.value));

// -------------------------------------------------------------------- seed

function seedOf(input) {
  const seed = Number(input.value);
  const right = input.value !== "" && Number.isSafeInteger(seed) && seed >= 0;
  input.setAttribute("aria-invalid", !right);
  return right ? seed : null;
}

const randomSeed = () => Math.floor(Math.random() * 1e6);

function anotherSeed() {
  $("seed").value = randomSeed();
  update();
  if (asked && photo && chosen().length) run();
}

// ------------------------------------------------------------------- state

// Sets what follows from photo, classes and seed.
function update() {
  const numbers = chosen(), seed = seedOf($("seed"));
  $("chosen").textContent = `${numbers.length} of ${boxes.length}`;
  $("translate").disabled = !photo || !numbers.length || seed === null;
  $("translate").textContent = !photo ? "Choose a photo first"
    : !numbers.length ? "Choose a class first"
      : seed === null ? `Choose a seed from 0 to ${LARGEST_SEED}`
        : `Translate into ${count(numbers.length, "class", "classes")}`;
  if (seed !== null) writeFragment(numbers, seed);
}

function refuse(where, sentence) {
  $(where).textContent = sentence;
  $(where).hidden = !sentence;
}

function refuseAll() {
  for (const each of ["photo-refusal", "class-refusal", "refusal"]) {
    refuse(each, "");
  }
}

// Beside what caused it.
function tellRefusal({message, status}) {
  const of = /photo|picture|pixel|image/i.test(message) ||
    [408, 413, 415].includes(status) ? "photo-refusal"
    : /class/i.test(message) ? "class-refusal" : "refusal";
  refuse(of, message);
}

function readFragment() {
  const told = new URLSearchParams(location.hash.slice(1));
  const names = new Set(told.getAll("class"));
  if (names.size) {
    for (const {box} of boxes) {
      box.checked = names.has(model.classes[Number(box.value)]);
    }
  }
  if (told.has("seed")) $("seed").value = told.get("seed");
}

function writeFragment(numbers, seed) {
  const told = new URLSearchParams();
  // All of a thousand names would be no link any more.
  if (numbers.length < boxes.length) {
    for (const number of numbers) told.append("class", model.classes[number]);
  }
  told.set("seed", seed);
  history.replaceState(null, "", `#${told}`);
}

async function copyLink() {
  try {
    await navigator.clipboard.writeText(location.href);
    $("status").textContent = "The link is copied; the photo is not in it.";
  } catch {
    $("status").textContent = "Copy the address of this page: it is the link.";
  }
}

// ------------------------------------------------------------- translating

async function run() {
  running?.abort();
  const own = running = new AbortController();
  asked = {photo, classes: chosen(), seed: seedOf($("seed"))};
  refuseAll();
  setTiles(asked.classes.map((number) => ({number, seed: asked.seed})));
  setRunning(true);
  tellProgress();
  showResults();
  try {
    await patiently((made) => fill(own.signal, made), {
      signal: own.signal,
      tell: (error, seconds) => tellWaiting(error, seconds),
      skip: () => new Promise((resolve) => { hurry = resolve; }),
    });
    $("status").textContent = `${count(shown.length, "picture",
      "pictures")}, done.`;
  } catch (error) {
    if (running !== own) return; // the next run's tiles stand there
    const stopped = own.signal.aborted;
    if (!stopped) tellRefusal(error);
    setTiles(shown.filter(({url}) => url));
    $("status").textContent = stopped
      ? `Stopped after ${count(shown.length, "picture", "pictures")}.` : "";
  }
  if (running === own) {
    running = null;
    setRunning(false);
    setWalks();
  }
}

// On a narrow screen they lie below everything else.
function showResults() {
  if ($("results").getBoundingClientRect().top < innerHeight - 200) return;
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  $("results").scrollIntoView({behavior: still ? "auto" : "smooth"});
}

// Asks for the pictures that are missing.
async function fill(signal, made) {
  const missing = shown.filter(({url}) => !url);
  const query = new URLSearchParams(
    missing.map(({number}) => ["class", number]));
  query.set("seed", asked.seed);
  for await (const part of translate(asked.photo.file, query, signal)) {
    const number = Number(part.query.get("class"));
    const tile = missing.find((each) => each.number === number);
    tile.url = URL.createObjectURL(part.picture);
    tile.image.src = tile.url;
    tile.image.alt = `${tile.name}, seed ${tile.seed}`;
    tile.button.classList.remove("empty");
    tile.button.disabled = false;
    made();
    tellProgress();
  }
}

function setRunning(on) {
  const [ends, begins] = on ? ["translate", "stop"] : ["stop", "translate"];
  $(begins).hidden = false;
  if (document.activeElement === $(ends)) $(begins).focus();
  $(ends).hidden = true;
  $("progress").hidden = !on;
  $("results").setAttribute("aria-busy", on);
  $("after").hidden = on || !shown.length;
  $("empty").hidden = on || shown.length > 0;
  $("try-now").hidden = true;
}

function tellProgress() {
  const done = shown.filter(({url}) => url).length;
  $("progress").value = done / shown.length;
  $("status").textContent = `${done} of ${count(shown.length, "picture",
    "pictures")}`;
}

function tellWaiting(error, seconds) {
  $("try-now").hidden = !(error instanceof Gone);
  if (!error) tellProgress();
  else {
    $("status").textContent =
      `${error.message} Trying again in ${seconds} s.`;
  }
}

// ------------------------------------------------------------------- tiles

function setTiles(tiles) {
  const kept = new Set(tiles.map(({url}) => url));
  for (const {url} of shown) {
    if (url && !kept.has(url)) URL.revokeObjectURL(url);
  }
  shown = tiles.map((tile) => tile.button ? tile : newTile(tile));
  $("tiles").replaceChildren(...shown.map(({button}) => button.parentElement));
  shown.forEach(({button}, index) => { button.tabIndex = index ? -1 : 0; });
}

function newTile({number, seed}) {
  const name = readable(model.classes[number]);
  const item = document.createElement("li");
  const button = document.createElement("button");
  const image = document.createElement("img");
  const caption = document.createElement("span");
  button.type = "button";
  button.className = "tile empty";
  button.disabled = true;
  image.alt = "";
  caption.textContent = name;
  caption.title = name;
  button.append(image, caption);
  item.append(button);
  const tile = {number, name, seed, image, button, url: null};
  button.addEventListener("click", () => openLarge(shown.indexOf(tile)));
  return tile;
}

// Arrows, Home and End walk the tiles, which are one stop of the tab key.
function walkTiles(event) {
  const at = shown.findIndex(({button}) => button === document.activeElement);
  if (at < 0) return;
  const top = ({button}) => button.offsetTop;
  const columns = Math.max(1, shown.filter(
    (each) => top(each) === top(shown[0])).length);
  const to = {
    ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: shown.length - 1,
    ArrowUp: at - columns, ArrowDown: at + columns,
  }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  focusTile(to);
}

function focusTile(index) {
  if (!shown[index] || shown[index].button.disabled) return;
  for (const {button} of shown) button.tabIndex = -1;
  shown[index].button.tabIndex = 0;
  shown[index].button.focus();
}

// ------------------------------------------------------------------- large

function listenToLarge() {
  $("close").addEventListener("click", () => $("large").close());
  $("previous").addEventListener("click", () => showLarge(opened - 1));
  $("next").addEventListener("click", () => showLarge(opened + 1));
  $("save").addEventListener("click", () => {
    const {url, number, seed} = shown[opened];
    save(url, `${asked.photo.stem}-${model.classes[number]}-seed${seed}.png`);
  });
  $("large").addEventListener("click", (event) => {
    if (event.target === $("large")) $("large").close();
  });
  $("large").addEventListener("close", () => focusTile(opened));
  $("large").addEventListener("keydown", (event) => {
    const step = {ArrowLeft: -1, ArrowRight: 1}[event.key];
    if (step) showLarge(opened + step);
  });
}

function openLarge(index) {
  $("large-source").getContext("2d").drawImage($("source"), 0, 0);
  $("large-source").parentElement.hidden = $("source").hidden ||
    photo.id !== asked.photo.id;
  showLarge(index);
  $("large").showModal();
}

function showLarge(index) {
  const tile = shown[index];
  if (!tile?.url) return;
  opened = index;
  $("large-title").textContent = tile.name;
  $("large-picture").src = tile.url;
  $("large-picture").alt = tile.image.alt;
  $("large-caption").textContent = `${tile.name}, seed ${tile.seed}`;
  $("previous").disabled = !shown[index - 1]?.url;
  $("next").disabled = !shown[index + 1]?.url;
}

// --------------------------------------------------------------- downloads

function save(content, name) {
  const url = content instanceof Blob ? URL.createObjectURL(content) : content;
  const link = document.createElement("a");
  link.href = url;
  link.download = name.replace(/[\\/:*?"<>|\s]+/g, "_");
  link.click();
  if (content instanceof Blob) setTimeout(() => URL.revokeObjectURL(url), 1e4);
}

async function saveSheet() {
  const cells = shown.filter(({url}) => url);
  const urls = cells.map(({url}) => url), names = cells.map(({name}) => name);
  const source = $("source").hidden || photo.id !== asked.photo.id
    ? [] : [$("source")];
  save(await drawSheet([...source, ...urls],
    [...source.map(() => "photo"), ...names]), `${asked.photo.stem}-sheet.png`);
}

const drawRow = (urls, labels) => drawSheet(urls, labels, urls.length);

// A PNG of labelled pictures: addresses or canvases.
async function drawSheet(pictures, labels, columns) {
  const images = await Promise.all(pictures.map(loaded));
  columns ??= Math.ceil(Math.sqrt(images.length * 1.4));
  const rows = Math.ceil(images.length / columns);
  const most = Math.floor(LONGEST_SHEET_SIDE / Math.max(columns, rows)) - 40;
  const {resolution} = model;
  const scale = Math.ceil(128 / resolution);
  const side = Math.max(16, Math.min(resolution * scale, most));
  const gap = 8, text = 24;
  const canvas = document.createElement("canvas");
  canvas.width = gap + columns * (side + gap);
  canvas.height = gap + rows * (side + text + gap);
  const context = canvas.getContext("2d");
  context.fillStyle = "white";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = "#22272e";
  context.font = "14px system-ui, sans-serif";
  context.textAlign = "center";
  images.forEach((image, index) => {
    const x = gap + (index % columns) * (side + gap);
    const y = gap + Math.floor(index / columns) * (side + text + gap);
    context.imageSmoothingEnabled = image.width > side;
    context.imageSmoothingQuality = "high";
    context.drawImage(image, x, y, side, side);
    context.fillText(labels[index], x + side / 2, y + side + 17, side);
  });
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}

async function loaded(picture) {
  if (typeof picture !== "string") return picture;
  const image = new Image();
  image.src = picture;
  await image.decode();
  return image;
}

// ------------------------------------------------------------------- walks

const section = (name, selector) =>
  $(`walk-${name}`).querySelector(selector);

function listenToWalks() {
  for (const name of ["classes", "z"]) {
    for (const end of [".first", ".second"]) {
      section(name, end).addEventListener("change", goWalks);
    }
  }
  section("z", ".another").addEventListener("click", () => {
    section("z", ".second").value = randomSeed();
    goWalks();
  });
}

// New choices of what was translated; a choice that is still there stays.
function setWalks() {
  const numbers = shown.map(({number}) => number);
  const fill = (select, preferred) => {
    const before = Number(select.value || -1);
    select.replaceChildren(...numbers.map(
      (number) => new Option(readable(model.classes[number]), number)));
    select.value = numbers.includes(before) ? before : preferred;
  };
  if (numbers.length) {
    fill(section("classes", ".first"), numbers[0]);
    fill(section("classes", ".second"), numbers[1] ?? numbers[0]);
    fill(section("z", ".first"), numbers[0]);
    section("z", ".from").textContent = asked.seed;
    if (seedOf(section("z", ".second")) === asked.seed) {
      section("z", ".second").value = asked.seed + 1;
    }
  }
  goWalks();
}

function goWalks() {
  const numbers = shown.map(({number}) => number);
  const {photo: {file, id, stem} = {}, seed} = asked;
  const first = Number(section("classes", ".first").value);
  const second = Number(section("classes", ".second").value);
  const names = [first, second].map((each) => model.classes[each]);
  walks.classes.go(numbers.length < 2 || !mixes() ? null : {
    photo: file, id, low: readable(names[0]), high: readable(names[1]),
    what: `From ${readable(names[0])} to ${readable(names[1])}`,
    file: `${stem}-${names[0]}-${names[1]}`,
    query: (amount) => new URLSearchParams(
      {class: first, to_class: second, amount, seed}).toString(),
  });
  const of = Number(section("z", ".first").value);
  const end = seedOf(section("z", ".second"));
  walks.z.go(!numbers.length || end === null || !model.dim_z ? null : {
    photo: file, id, low: `seed ${seed}`, high: `seed ${end}`,
    what: `${readable(model.classes[of])}, from seed ${seed} to ${end}`,
    file: `${stem}-${model.classes[of]}-seed${seed}-seed${end}`,
    query: (amount) => new URLSearchParams(
      {class: of, to_seed: end, z_amount: amount, seed}).toString(),
  });
}

const mixes = () => model.signatures?.includes("translate_mix") ?? true;

start();
