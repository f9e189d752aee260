"""How a report looks, and the one thing in it that moves.

No font, script or picture comes from elsewhere. What is wide scrolls in a box
of its own, so that the page fits a telephone; both colour schemes are served.
"""

STYLE = """
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --surface: #ffffff; --ink: #22272e; --soft: #59636e;
  --line: #dde1e6; --accent: #1f6fc4; --own: #e8f1fb; --best: #16866a;
  --cell: 104px;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #111418; --surface: #1a1e24; --ink: #d7dce2; --soft: #9aa4af;
    --line: #2f353d; --accent: #6cb0f5; --own: #1d3048; --best: #4cc9a4;
  }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; }
body {
  margin: 0; background: var(--page); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans",
    sans-serif;
  overflow-wrap: break-word;
}
header, nav, main, footer {
  max-width: 76rem; margin: 0 auto; padding: 0 1.25rem;
}
header { padding-top: 2rem; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0; }
header p { margin: 0.4rem 0 0; color: var(--soft); }
nav ul {
  display: flex; flex-wrap: wrap; gap: 0.3rem 1.1rem; list-style: none;
  margin: 1rem 0 0; padding: 0.6rem 0; border-block: 1px solid var(--line);
  font-size: 0.92rem;
}
a { color: var(--accent); text-decoration: none; }
a:hover { text-decoration: underline; }
section {
  margin: 1.5rem 0; padding: 1.25rem 1.4rem 1.4rem;
  background: var(--surface); border: 1px solid var(--line);
  border-radius: 10px;
}
h2 { font-size: 1.25rem; line-height: 1.25; margin: 0 0 0.5rem; }
h3 { font-size: 1rem; margin: 1.5rem 0 0.5rem; }
p { margin: 0 0 0.9rem; max-width: 48rem; }
section > :last-child { margin-bottom: 0; }
.note { color: var(--soft); font-size: 0.88rem; margin: 0.7rem 0 0; }
footer { color: var(--soft); font-size: 0.85rem; padding-bottom: 2.5rem; }
a:focus-visible, button:focus-visible, summary:focus-visible,
.scroll:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }

.beside { display: grid; gap: 1.5rem 2rem; grid-template-columns: 1fr; }
.beside > div { min-width: 0; }
@media (min-width: 60rem) {
  .beside { grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); }
  .protocol { border-left: 1px solid var(--line); padding-left: 2rem; }
}
.protocol h3 { margin-top: 0; }
.cards {
  display: grid; gap: 0.7rem;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, 12rem), 1fr));
}
.card {
  border: 1px solid var(--line); border-radius: 8px; padding: 0.7rem 0.9rem;
}
.card .name { color: var(--soft); font-size: 0.85rem; }
.card .value {
  font-size: 1.7rem; font-weight: 650; line-height: 1.25;
  font-variant-numeric: tabular-nums;
}
.card .beside-it { color: var(--soft); font-size: 0.8rem; }
dl {
  display: grid; gap: 0.2rem 1rem; margin: 0; font-size: 0.88rem;
  grid-template-columns: minmax(6rem, max-content) minmax(0, 1fr);
}
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
details { margin-top: 0.9rem; }
summary { cursor: pointer; color: var(--accent); font-size: 0.92rem; }
details > :not(summary) { margin-top: 0.6rem; }
@media (max-width: 30rem) {
  dl { grid-template-columns: minmax(5rem, 7.5rem) minmax(0, 1fr); }
  .cards { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .card { padding: 0.5rem 0.7rem; }
  .card .value { font-size: 1.45rem; }
  header, nav, main, footer { padding-inline: 0.75rem; }
  section { padding: 1rem 0.9rem; }
  :root { --cell: 76px; }
}

.scroll { overflow: auto; max-width: 100%; }
table { border-collapse: separate; border-spacing: 0; font-size: 0.9rem; }
th, td {
  padding: 0.35rem 0.75rem; text-align: left;
  border-bottom: 1px solid var(--line);
}
thead th { color: var(--soft); font-weight: 600; vertical-align: bottom; }
tbody th { font-weight: 500; }
table.numbers :is(th, td):not(:first-child), table.mistakes td:nth-child(n+3),
table.mistakes th:nth-child(n+3) {
  text-align: right; font-variant-numeric: tabular-nums;
}
table.numbers tbody th {
  position: sticky; left: 0; background: var(--surface);
  max-width: min(22rem, 42vw);
}
.own { background: var(--own) !important; font-weight: 600 !important; }
table.differences td { overflow-wrap: anywhere; min-width: 9rem; }
td.best { color: var(--best); font-weight: 700; }
td.best::after { content: " \\2605"; font-size: 0.75em; }
.scroll:has(table.tall) { max-height: 34rem; border: 1px solid var(--line); }
table.numbers thead th { white-space: nowrap; }
table.tall thead th {
  position: sticky; top: 0; z-index: 1; background: var(--surface);
}
th button {
  all: unset; cursor: pointer; white-space: nowrap; padding-right: 1.1em;
  position: relative;
}
th button:focus-visible { outline: 2px solid var(--accent); }
th button::after {
  content: "\\2195"; position: absolute; right: 0; opacity: 0.45;
}
th[aria-sort="ascending"] button::after { content: "\\2191"; opacity: 1; }
th[aria-sort="descending"] button::after { content: "\\2193"; opacity: 1; }

img { display: block; height: auto; }
table.pictures :is(th, td) { padding: 2px; border: 0; }
table.pictures img { width: var(--cell); border-radius: 3px; }
table.pictures tbody th {
  position: sticky; left: 0; z-index: 1; background: var(--surface);
  font-size: 0.85rem; padding-right: 0.6rem;
  min-width: 7rem; max-width: 9rem;
}
table.pictures thead th {
  font-size: 0.8rem; font-weight: 500; padding-bottom: 8px;
  max-width: var(--cell); vertical-align: bottom;
}
table.pictures thead th:first-child {
  position: sticky; left: 0; z-index: 1; background: var(--surface);
}
table.pictures thead span, table.pictures tbody th span { display: block; }
table.pictures thead span { line-height: 1.2; padding-top: 3px; }
table.pictures small { color: var(--soft); }
@media (max-width: 30rem) {
  table.pictures tbody th { min-width: 4.5rem; }
}
table.strip td { padding-inline: 0; }
table.strip img { border-radius: 0; }
table.pictures tr.first:not(:first-child) > * { padding-top: 14px; }
.samples, .groups { display: grid; gap: 0.6rem; }
.samples {
  grid-template-columns: repeat(auto-fill, minmax(var(--cell), 1fr));
}
.groups {
  grid-template-columns: repeat(auto-fill, minmax(min(100%, 22rem), 1fr));
  gap: 1rem 2.5rem;
}
.neighbours { display: grid; grid-template-columns: repeat(4, 1fr); gap: 4px; }
figure { margin: 0; min-width: 0; }
.samples img, .neighbours img { width: 100%; border-radius: 3px; }
.neighbours figure:first-child img {
  outline: 3px solid var(--accent); outline-offset: -3px;
}
figcaption { font-size: 0.78rem; color: var(--soft); line-height: 1.3; }
.charts {
  display: grid; gap: 1.2rem 1.5rem;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, 20.5rem), 1fr));
}
.charts img { width: 100%; }
.map img { max-width: none; width: min(100%, 900px); min-width: 620px; }
.map.large img { width: max(100%, 1100px); }
pre {
  margin: 0; padding: 0.9rem; overflow: auto; font-size: 0.82rem;
  border: 1px solid var(--line); border-radius: 8px; background: var(--page);
}
@media print { section { break-inside: avoid; border: 0; } }
"""

# Sorts the rows of a table by a column; without it, tables stay as they are.
SCRIPT = """
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0], heads = [...table.tHead.rows[0].cells];
  const key = (row, column) => {
    const cell = row.cells[column], told = cell.dataset.value;
    if (told === undefined) return cell.textContent;
    return told === "none" ? null : Number(told);
  };
  const compare = (a, b) => typeof a === "number" && typeof b === "number"
    ? a - b : String(a).localeCompare(String(b), undefined, {numeric: true});
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const sign = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", sign > 0 ? "ascending" : "descending");
      const rows = [...body.rows].map((row) => [key(row, column), row]);
      rows.sort(([a], [b]) => a === null || b === null
        ? (a === null) - (b === null) : sign * compare(a, b));
      body.append(...rows.map(([, row]) => row));
    });
  });
}
"""
