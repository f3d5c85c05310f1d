// The product page: the server knew the product; options and stock come as JSON, and the reviews below, the most helpful
// first, twenty at a time.
"use strict";

const item = state.itemDetail;
const reviewApi = `${origins.review_api}/api/v4/reviews`;
const fits = { 1: "작아요", 2: "잘 맞아요", 3: "커요" };
let page = 0;

function summary() {
  const before = item.consumerPrice > item.internalDisplayPrice;
  return el(
    "div",
    "Product__Info",
    {},
    el("p", "Product__Brand", {}, item.frontBrand.brandNameKor || ""),
    el("h1", "Product__Name", {}, item.itemName),
    before ? el("s", "Product__Before", {}, won(item.consumerPrice)) : null,
    el("p", "Product__Price", {}, won(item.internalDisplayPrice)),
    el("p", "Product__Hearts", {}, `♥ ${item.heartCount} · 리뷰 ${item.reviewAggregation.totalCount}`),
  );
}

// One list a level; choosing in the first opens the second.
function level(names, entries, depth, box) {
  const items = entries.map((entry) => {
    const gone = entry.frontOptionStockStatus === "SOLD_OUT" ? " (품절)" : "";
    const line = el("li", "Option__Value", {}, entry.title + gone);
    line.addEventListener("click", () => {
      box.querySelectorAll(`[data-depth="${depth + 1}"]`).forEach((node) => node.remove());
      if (entry.list.length) box.append(level(names, entry.list, depth + 1, box));
    });
    return line;
  });
  const title = el("p", "Option__Title", {}, names[depth] || "");
  return el("div", "Option__Level", { "data-depth": depth }, title, el("ul", "Option__List", {}, ...items));
}

async function details(info) {
  const { data } = await getJson(`${origins.bff_api}/api/v5/product-detail/${item.itemNo}`);
  const sheet = el("div", "Option__Sheet", { hidden: "" });
  const button = el("button", "Product__Buy", { type: "button" }, "구매하기");
  button.addEventListener("click", () => sheet.toggleAttribute("hidden"));
  if (data.optionItems.list.length) sheet.append(level(data.optionItems.layout, data.optionItems.list, 0, sheet));
  const rows = data.itemDetailsList.map((row) =>
    el(
      "tr",
      "",
      {},
      el("td", "Notice__Name", {}, row.itemDetailsTitles),
      el("td", "Notice__Value", {}, row.itemDetailsValue),
    ),
  );
  info.append(button, sheet, el("table", "Notice__Table", {}, ...rows));
}

function head(row) {
  const day = (row.insertTimestamp || "").slice(2, 10).replaceAll("-", ".");
  return el(
    "p",
    "Review__Head",
    {},
    el("svg", "Review__Stars", { width: 16 * row.point, height: 16, role: "img" }),
    el("span", "Review__Who", {}, row.userId),
    el("span", "Review__Day", {}, day),
  );
}

// The block of a review: a line for each thing that the buyer told, and none for what was left out.
function review(row) {
  const fit = (row.surveyList || []).find((answer) => answer.surveyType === "SIZE");
  const lines = [
    row.optionValue.length ? `옵션 : ${row.optionValue.join(", ")}` : null,
    row.userSize.length ? `체형 : ${row.userSize.join(", ")}` : null,
    fit ? `사이즈 : ${fits[fit.optionValue]}` : null,
  ];
  return el(
    "li",
    "Review__Item",
    { "data-review-id": row.itemReviewNo },
    head(row),
    row.isGift === "T" ? el("span", "Review__Gift", {}, "선물") : null,
    ...lines.filter(Boolean).map((line) => el("p", "Review__Line", {}, line)),
    el("p", "text-l text-primary", {}, row.contents),
  );
}

async function load() {
  const query = new URLSearchParams({ itemId: item.itemNo, page, size: 20, sort: "BEST" });
  const answer = await getJson(`${reviewApi}?${query}`);
  page += 1;
  title.textContent = `리뷰 ${answer.data.count}`;
  list.append(...answer.data.results.map(review));
  return answer.data.results.length > 0;
}

async function photos() {
  const answer = await getJson(`${reviewApi}/photo?itemId=${item.itemNo}&page=0&size=6`);
  const pictures = answer.data.results.map((row) => origins.img + row.uploadFiles[0].url);
  strip.append(...pictures.map((src) => el("img", "Review__Photo", { src, alt: "", loading: "lazy" })));
}

const info = summary();
const picture = el("img", "Product__Image", { src: origins.img + item.itemImages[0].imageUrl, alt: "" });
const title = el("h2", "Review__Title", {}, "리뷰");
const strip = el("div", "Review__Photos");
const list = el("ul", "Review__List");
root.append(header(), el("main", "Product__Main", {}, picture, info), title, strip, list);
details(info).catch((error) => {
  console.error(error);
  failed();
});
photos().catch((error) => console.error(error));
loadAtEnd(load, 400);
