const search = document.getElementById("search"), found = document.getElementById("found");
const rows = [...document.querySelectorAll("#metrics tbody tr")], blocks = [...document.querySelectorAll("p.block")];
const fold = (text) => text.normalize("NFKC").toLowerCase();
const texts = new Map([...rows, ...blocks].map((element) => [element, fold(element.textContent + " " + (element.id || ""))]));
function look() {
  const words = fold(search.value).split(/\s+/).filter(Boolean);
  const isHit = (element) => words.length > 0 && words.every((word) => texts.get(element).includes(word));
  rows.forEach((row) => { row.hidden = words.length > 0 && !isHit(row); });
  blocks.forEach((block) => block.classList.toggle("hit", isHit(block)));
  const hits = blocks.filter(isHit);
  found.textContent = words.length ? `${hits.length} paragraphs, ${rows.filter(isHit).length} metrics` : "";
  if (hits.length) hits[0].scrollIntoView({ block: "center" });
}
search.addEventListener("input", look);
document.getElementById("removed").addEventListener("change", (event) => document.body.classList.toggle("hide-removed", !event.target.checked));
