const search = document.getElementById("search"), found = document.getElementById("found"), why = document.getElementById("why");
const rows = [...document.querySelectorAll("#metrics tr[id]")], blocks = [...document.querySelectorAll("p.block")];
const pieces = [...document.querySelectorAll("article [data-at]")];
const isNarrow = () => matchMedia("(max-width: 900px)").matches;
const fold = (text) => text.normalize("NFKC").toLowerCase();
const texts = new Map([...rows, ...blocks].map((element) => [element, fold(element.textContent + " " + (element.id || ""))]));
function look() {
  const words = fold(search.value).split(/\s+/).filter(Boolean);
  const isHit = (element) => words.length > 0 && words.every((word) => texts.get(element).includes(word));
  rows.forEach((row) => { row.parentElement.hidden = words.length > 0 && !isHit(row); });
  blocks.forEach((block) => block.classList.toggle("hit", isHit(block)));
  const hits = blocks.filter(isHit);
  found.textContent = words.length ? `${hits.length} paragraphs, ${rows.filter(isHit).length} metrics` : "";
  if (hits.length) hits[0].scrollIntoView({ block: "center" });
}
// a figure is chosen by its address, from the text or from its row: what it rests on lights up in both
function choose(place = decodeURIComponent(location.hash.slice(1))) {
  const id = place.replace(/^at-/, ""), row = rows.find((one) => one.id === id);
  document.querySelectorAll(".lit.piece, tbody.open, .chosen").forEach((one) => one.classList.remove("lit", "piece", "open", "chosen"));
  if (!row) return;
  row.parentElement.classList.add("open");
  document.getElementById("at-" + id).parentElement.classList.add("chosen");
  for (const ground of row.parentElement.querySelectorAll("q")) {
    const [from, to] = [Number(ground.dataset.from), Number(ground.dataset.to)];
    pieces.filter((piece) => Number(piece.dataset.at) >= from && Number(piece.dataset.at) < to).forEach((piece) => piece.classList.add("lit", "piece"));
  }
  document.getElementById("at-" + id).parentElement.scrollIntoView({ block: "nearest" });
  if (!isNarrow()) row.scrollIntoView({ block: "nearest" });
  tell(row);
}
// where the table is out of sight (a phone) or nothing hovers (a finger, a keyboard) the reason is told at the foot of the page
function tell(element) {
  const row = element.tagName === "TR" ? element : null;
  why.replaceChildren();
  if (row && isNarrow()) {
    const line = document.createElement("b");
    line.textContent = [...row.cells].map((cell) => cell.textContent.trim()).join(" · ");
    why.append(line, row.nextElementSibling.querySelector("dl").cloneNode(true));
  } else if (!row) why.textContent = element.title;
  why.hidden = !why.hasChildNodes();
}
document.querySelector("article").addEventListener("focusin", (event) => event.target.title && event.target.tagName !== "A" && tell(event.target));
document.querySelector("article").addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (link && isNarrow()) { event.preventDefault(); history.replaceState(null, "", link.hash); choose(); }
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") why.hidden = true;
  if (event.target === search || event.ctrlKey || event.metaKey || event.altKey || !["n", "p"].includes(event.key)) return;
  const links = [...document.querySelectorAll("article a.metric")], at = links.findIndex((one) => one.classList.contains("chosen"));
  const next = links[(at + (event.key === "n" ? 1 : -1) + links.length) % links.length];
  if (next) { next.focus(); next.click(); next.scrollIntoView({ block: "center" }); }
});
search.addEventListener("input", look);
document.getElementById("removed").addEventListener("change", (event) => document.body.classList.toggle("hide-removed", !event.target.checked));
addEventListener("hashchange", () => choose());
choose();
