// The ranking: rows of six cards, two links a card, never more than twelve rows in the document.
"use strict";

const api = `${origins.client}/api/home/web/v5/pans/ranking`;
const common = { storeCode: "musinsa", gf: state.gf };
const rows = [];
let nextUrl = `${api}/sections/${state.sectionId}?${new URLSearchParams({
  ...common,
  ageBand: "AGE_BAND_ALL",
  period: "REALTIME",
  eventPeriod: "BASIC_REALTIME",
  categoryCode: state.categoryCode,
  contentsId: "",
  variantValue: "",
  page: 1,
  startRank: 1,
  offset: 0,
})}`;

function card(item) {
  if (item.type === "BANNER_COLUMN") {
    const link = el("a", "Ranking__Ad", { href: item.onClick.url }, el("b", "", {}, "AD"), item.info.title);
    return el("div", "Ranking__Card", {}, link);
  }
  const info = item.info;
  const picture = el("img", "Ranking__Image", { src: item.image.url, alt: "", loading: "lazy" });
  const sale = info.discountRatio ? el("span", "Ranking__Sale", {}, `${info.discountRatio}%`) : null;
  const more = [...info.additionalInformation, ...item.image.labels].map((part) => part.text).join(" · ");
  return el(
    "div",
    "Ranking__Card",
    { "data-item-id": item.id },
    el("a", "Ranking__Thumb", { href: item.onClick.url }, el("span", "Ranking__Rank", {}, String(item.image.rank)), picture),
    el(
      "a",
      "Ranking__Text",
      { href: item.onClick.url },
      el("span", "Ranking__Brand", {}, info.brandName || ""),
      el("span", "Ranking__Name", {}, info.productName),
      el("span", "Ranking__Price", {}, sale, won(info.finalPrice)),
      el("span", "Ranking__More", {}, more),
    ),
  );
}

async function tabs() {
  const bar = el("nav", "Ranking__Tabs");
  root.append(bar);
  const frame = await getJson(`${api}?${new URLSearchParams({ ...common, sectionId: state.sectionId, categoryCode: state.categoryCode })}`);
  for (const module of frame.data.modules) {
    for (const item of module.items) bar.append(el("span", item.selected ? "Ranking__Selected" : "Ranking__Tab", {}, item.title || item.name));
  }
}

async function load(list) {
  const answer = await getJson(nextUrl);
  for (const module of answer.data.modules) {
    if (module.type === "MULTICOLUMN") rows.push(module.items);
  }
  list.resize(rows.length);
  nextUrl = answer.data.link.next;
  if (!rows.length) notice("상품이 없습니다");
  return Boolean(nextUrl);
}

root.append(header(), el("h1", "Ranking__Title", {}, "랭킹"));
tabs().catch((error) => console.error(error));
const list = new RecycledList(root, 12, () => 330, (node, index) => {
  node.setAttribute("data-index", index);
  node.replaceChildren(el("div", "Ranking__Row", {}, ...rows[index].map(card)));
});
loadAtEnd(() => load(list), 1200);
